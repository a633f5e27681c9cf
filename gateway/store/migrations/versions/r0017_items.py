"""Items of answers that their callers may name later, and whom they mention."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, LargeBinary, PrimaryKeyConstraint, Text

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "vault_items",
        Column("item", LargeBinary, nullable=False),
        Column("tenant", Text, nullable=False),
        Column("key_id", Text, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("expires_at", Text, nullable=False),
        PrimaryKeyConstraint("item"),
    )
    op.create_index("vault_items_by_key", "vault_items", ["key_id"], unique=True)
    op.create_index("vault_items_by_tenant", "vault_items", ["tenant"], unique=False)
    op.create_index("vault_items_by_expiry", "vault_items", ["expires_at"], unique=False)
    op.create_table(
        "vault_mentions",
        Column("tenant", Text, nullable=False),
        Column("subject", LargeBinary, nullable=False),
        Column("item", LargeBinary, nullable=False),
        PrimaryKeyConstraint("tenant", "subject", "item"),
    )
    op.create_index("vault_mentions_by_item", "vault_mentions", ["item"], unique=False)
