"""The Merkle tree over entries, and its signed heads. Entries that are older than the tree get their leaves.

`nodes` are the nodes of the tree that a leaf completes, itself first, 32 bytes each; `idx` counts leaves from 0.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

from gateway.store.migrations.adoption import adopt
from gateway.store.migrations.triggers import refuse_changes, refuse_insert

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    big = BigInteger().with_variant(Integer, "sqlite")
    op.create_table(
        "leaves",
        Column("seq", big, primary_key=True, autoincrement=False),
        Column("idx", big, nullable=False),
        Column("salt", LargeBinary),
        Column("commitment", LargeBinary, nullable=False),
        Column("nodes", LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoints",
        Column("size", big, primary_key=True, autoincrement=False),
        Column("at", Text, nullable=False),
        Column("note", Text, nullable=False),
    )
    op.create_table("verifier_keys", Column("vkey", Text, primary_key=True), Column("at", Text, nullable=False))
    for table in ("leaves", "checkpoints", "verifier_keys"):
        refuse_changes(table)
    adopt(op.get_bind())
    refuse_insert("leaves_come_in_order", "leaves", "NEW.seq <= (SELECT max(seq) FROM leaves)")
    refuse_insert("checkpoints_come_in_order", "checkpoints", "NEW.size <= (SELECT max(size) FROM checkpoints)")
