"""A budget's share for training, and what training spent."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Double, Text

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("dp_budgets", Column("training_epsilon", Double, nullable=False, server_default="0"))
    op.add_column("dp_budgets", Column("training_delta", Double, nullable=False, server_default="0"))
    op.add_column("dp_releases", Column("kind", Text, nullable=False, server_default="statistics"))
    op.add_column("dp_releases", Column("epsilon", Double, nullable=False, server_default="0"))
    op.add_column("dp_releases", Column("delta", Double, nullable=False, server_default="0"))
