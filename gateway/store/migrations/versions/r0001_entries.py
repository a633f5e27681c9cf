"""Entries, append-only."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Text, UniqueConstraint

from gateway.store.migrations.triggers import is_postgres, make_refusal, refuse, refuse_changes

revision = "0001"
down_revision = None


def upgrade() -> None:
    big = BigInteger().with_variant(Integer, "sqlite")
    op.create_table(
        "entries",
        Column("seq", big, primary_key=True, autoincrement=False),
        Column("call_id", Text, nullable=False),
        Column("phase", Text, CheckConstraint("phase IN ('opened', 'completed')"), nullable=False),
        Column("at", Text, nullable=False),
        Column("body", Text, nullable=False),
        UniqueConstraint("call_id", "phase"),
    )
    make_refusal()
    refuse_changes("entries")
    if not is_postgres():  # INSERT OR REPLACE deletes without the delete trigger (https://www.sqlite.org/lang_conflict.html)
        refuse(
            "entries_never_yield BEFORE INSERT ON entries"
            " WHEN EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq OR (call_id = NEW.call_id AND phase = NEW.phase))"
        )
