"""Kept content and its keys, leave to see originals, and work that must be finished."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, PrimaryKeyConstraint, Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "tenant_keys",
        Column("tenant", Text, nullable=False),
        Column("wrapped", LargeBinary, nullable=True),
        Column("made_at", Text, nullable=False),
        Column("destroyed_at", Text, nullable=True),
        PrimaryKeyConstraint("tenant"),
    )
    op.create_table(
        "data_keys",
        Column("id", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("wrapped", LargeBinary, nullable=True),
        Column("made_at", Text, nullable=False),
        Column("destroyed_at", Text, nullable=True),
        PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "kept",
        Column("call_id", Text, nullable=False),
        Column("part", Text, nullable=False),
        Column("nr", Integer, autoincrement=False, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("key_id", Text, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("at", Text, nullable=False),
        Column("expires_at", Text, nullable=True),
        PrimaryKeyConstraint("call_id", "part", "nr"),
    )
    op.create_index("kept_by_age", "kept", ["tenant", "at"], unique=False)
    op.create_index("kept_by_expiry", "kept", ["expires_at"], unique=False)
    op.create_index("kept_by_key", "kept", ["key_id"], unique=False)
    op.create_table(
        "subjects",
        Column("tenant", Text, nullable=False),
        Column("tag", LargeBinary, nullable=False),
        Column("call_id", Text, nullable=False),
        Column("key_id", Text, nullable=False),
        PrimaryKeyConstraint("tenant", "tag", "call_id"),
    )
    op.create_index("subjects_by_call", "subjects", ["call_id"], unique=False)
    op.create_table(
        "grants",
        Column("id", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("call_id", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("asked_by", Text, nullable=False),
        Column("asked_at", Text, nullable=False),
        Column("given_by", Text, nullable=True),
        Column("given_at", Text, nullable=True),
        Column("ends_at", Text, nullable=True),
        Column("refused_by", Text, nullable=True),
        PrimaryKeyConstraint("id"),
    )
    op.create_index("grants_by_call", "grants", ["call_id"], unique=False)
    op.create_table(
        "erasures",
        Column("id", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("tags", Text, nullable=False),
        Column("asked_by", Text, nullable=False),
        Column("begun_at", Text, nullable=False),
        Column("exchanges", Integer, server_default="0", nullable=False),
        Column("data_keys", Integer, server_default="0", nullable=False),
        Column("elsewhere", Integer, server_default="0", nullable=False),
        Column("finished_at", Text, nullable=True),
        Column("certificate", Text, nullable=True),
        PrimaryKeyConstraint("id"),
    )
    op.create_index("erasures_by_subject", "erasures", ["tenant", "tags"], unique=False)
    op.create_table(
        "rounds", Column("name", Text, nullable=False), Column("begun_at", Text, nullable=False), PrimaryKeyConstraint("name")
    )
