"""Budgets of differential privacy."""

from __future__ import annotations

from alembic import op
from sqlalchemy import CheckConstraint, Column, Double, Integer, LargeBinary, PrimaryKeyConstraint, Text

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "dp_budgets",
        Column("tenant", Text, nullable=False),
        Column("data_set", Text, nullable=False),
        Column("since", Text, nullable=False),
        Column("until", Text, nullable=False),
        Column("unit", Text, nullable=False),
        Column("contributions", Integer, nullable=False),
        Column("epsilon", Double, nullable=False),
        Column("delta", Double, nullable=False),
        Column("salt", LargeBinary, nullable=False),
        Column("declared_by", Text, nullable=False),
        Column("declared_at", Text, nullable=False),
        PrimaryKeyConstraint("tenant", "data_set"),
    )
    op.create_table(
        "dp_releases",
        Column("id", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("data_set", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("asked", Text, nullable=False),
        Column("rho", Double, nullable=False),
        Column("state", Text, CheckConstraint("state IN ('reserved', 'settled', 'released')"), nullable=False),
        Column("asked_by", Text, nullable=False),
        Column("reserved_at", Text, nullable=False),
        Column("ended_at", Text, nullable=True),
        Column("answer", Text, nullable=True),
        PrimaryKeyConstraint("id"),
    )
    op.create_index("dp_releases_by_data_set", "dp_releases", ["tenant", "data_set"], unique=False)
