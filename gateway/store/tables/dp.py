"""Budgets of differential privacy, and what was spent of them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Double, Index, Integer, LargeBinary, Table, Text

from gateway.store.tables.base import METADATA

DP_BUDGETS = Table(
    "dp_budgets",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("data_set", Text, primary_key=True),
    Column("since", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("contributions", Integer, nullable=False),
    Column("epsilon", Double, nullable=False),
    Column("delta", Double, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("declared_by", Text, nullable=False),
    Column("declared_at", Text, nullable=False),
    Column("training_epsilon", Double, nullable=False, server_default="0"),
    Column("training_delta", Double, nullable=False, server_default="0"),
)
"""A data set is what the record holds of a tenant from `since` on and before `until`. `salt` keys the choice of which rows of a
unit count, where it has more of them than `contributions`. What is for training is a part of `epsilon` and of `delta`."""

DP_RELEASES = Table(
    "dp_releases",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("data_set", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("rho", Double, nullable=False),
    Column("state", Text, CheckConstraint("state IN ('reserved', 'settled', 'released')"), nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("reserved_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("answer", Text),
    Column("kind", Text, nullable=False, server_default="statistics"),
    Column("epsilon", Double, nullable=False, server_default="0"),
    Column("delta", Double, nullable=False, server_default="0"),
    Index("dp_releases_by_data_set", "tenant", "data_set"),
)
"""What `kind` statistics costs is `rho` (zCDP); what training costs, `epsilon` and `delta`. It is spent unless `state` is
released: a reservation that nobody ended counts. `digest` is a SHA-256, in hex, of
`asked`, by which an equal question finds its `answer` again; both are JSON."""
