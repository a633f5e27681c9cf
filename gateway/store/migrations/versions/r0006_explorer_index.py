"""The explorer's index, which is derived from the log."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, PrimaryKeyConstraint, Text

revision = "0006"
down_revision = "0005"

BIG = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "index_mark",
        Column("id", Integer, autoincrement=False, nullable=False),
        Column("version", Integer, nullable=False),
        Column("seq", BIG, nullable=False),
        PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "index_exchanges",
        Column("seq", BIG, autoincrement=False, nullable=False),
        Column("call_id", Text, nullable=False),
        Column("opened_at", Text, nullable=False),
        Column("completed_at", Text, nullable=True),
        Column("tenant", Text, nullable=True),
        Column("team", Text, nullable=True),
        Column("principal", Text, nullable=True),
        Column("surface", Text, nullable=True),
        Column("model", Text, nullable=True),
        Column("deployment", Text, nullable=True),
        Column("outcome", Text, nullable=False),
        Column("allow", Boolean, nullable=True),
        Column("rule", Text, nullable=True),
        Column("policy_version", Text, nullable=True),
        Column("status", Integer, nullable=True),
        Column("error_code", Text, nullable=True),
        Column("stream", Boolean, nullable=False),
        Column("cache", Text, nullable=True),
        Column("conversation", Text, nullable=True),
        Column("duration_ms", Double, nullable=True),
        Column("first_event_ms", Double, nullable=True),
        Column("input_tokens", BIG, nullable=True),
        Column("output_tokens", BIG, nullable=True),
        Column("cost", BIG, nullable=True),
        Column("readable", Boolean, nullable=False),
        Column("found", Text, nullable=False),
        PrimaryKeyConstraint("seq"),
    )
    op.create_index("index_exchanges_by_call", "index_exchanges", ["call_id"], unique=True)
    op.create_table(
        "index_terms",
        Column("term", BIG, autoincrement=False, nullable=False),
        Column("seq", BIG, autoincrement=False, nullable=False),
        PrimaryKeyConstraint("term", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "index_hours",
        Column("hour", Text, nullable=False),
        Column("first_seq", BIG, nullable=False),
        Column("last_seq", BIG, nullable=False),
        PrimaryKeyConstraint("hour"),
    )
    op.create_table(
        "index_sums",
        Column("measure", Text, nullable=False),
        Column("scope", Text, nullable=False),
        Column("grain", Text, nullable=False),
        Column("period", Text, nullable=False),
        Column("word", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("number", BIG, nullable=False),
        Column("input_tokens", BIG, nullable=False),
        Column("output_tokens", BIG, nullable=False),
        Column("cost", BIG, nullable=False),
        PrimaryKeyConstraint("measure", "scope", "grain", "period", "word", "detail"),
        sqlite_with_rowid=False,
    )
