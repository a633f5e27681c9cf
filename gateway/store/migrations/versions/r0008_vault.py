"""The vault."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "vault",
        Column("drawer", LargeBinary, nullable=False),
        Column("entity", Text, nullable=False),
        Column("number", Integer, autoincrement=False, nullable=False),
        Column("tag", LargeBinary, nullable=False),
        Column("nth", Integer, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("subject", LargeBinary, nullable=False),
        Column("key_id", Text, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("expires_at", Text, nullable=False),
        PrimaryKeyConstraint("drawer", "entity", "number"),
        UniqueConstraint("drawer", "tag", "nth"),
    )
    op.create_index("vault_by_key", "vault", ["key_id"], unique=True)
    op.create_index("vault_by_subject", "vault", ["tenant", "subject"], unique=False)
    op.create_index("vault_by_expiry", "vault", ["expires_at"], unique=False)
    op.create_table(
        "vault_numbers",
        Column("drawer", LargeBinary, nullable=False),
        Column("entity", Text, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("last", Integer, nullable=False),
        Column("expires_at", Text, nullable=False),
        PrimaryKeyConstraint("drawer", "entity"),
    )
    op.create_index("vault_numbers_by_tenant", "vault_numbers", ["tenant"], unique=False)
    op.create_index("vault_numbers_by_expiry", "vault_numbers", ["expires_at"], unique=False)
    op.create_table(
        "vault_answers",
        Column("answer", LargeBinary, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("drawer", LargeBinary, nullable=False),
        Column("expires_at", Text, nullable=False),
        PrimaryKeyConstraint("answer"),
    )
    op.create_index("vault_answers_by_tenant", "vault_answers", ["tenant"], unique=False)
    op.create_index("vault_answers_by_expiry", "vault_answers", ["expires_at"], unique=False)
