"""Acts beside exchanges. They are few: the index finds them, and costs an exchange nothing."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE entries ADD COLUMN kind TEXT NOT NULL DEFAULT 'exchange' CHECK (kind IN ('exchange', 'act'))")
    op.execute("CREATE INDEX entries_of_acts ON entries (kind, seq) WHERE kind = 'act'")
