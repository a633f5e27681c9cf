"""What was served, how long it took a deployment, and who counted: for the explorer's index, which is made anew."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Double, Text

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("index_exchanges", Column("version", Text, nullable=True))
    op.add_column("index_exchanges", Column("external", Boolean, nullable=True))
    op.add_column("index_exchanges", Column("busy_ms", Double, nullable=True))
    op.add_column("index_exchanges", Column("tokens_from", Text, nullable=True))
