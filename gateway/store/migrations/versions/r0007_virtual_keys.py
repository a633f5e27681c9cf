"""Virtual keys, for gateways that share a database."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Text

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "virtual_keys",
        Column("key_id", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("principal", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("created", Text, nullable=False),
        Column("expires", Text, nullable=True),
        Column("revoked", Text, nullable=True),
        Column("rotated_to", Text, nullable=True),
        PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "key_changes",
        Column("id", Integer, autoincrement=False, nullable=False),
        Column("mark", Text, nullable=False),
        PrimaryKeyConstraint("id"),
    )
