"""An entry comes after its leaf, so that a batch of them is two statements; the views know of erased content."""

from __future__ import annotations

from alembic import op

from gateway.store.migrations.triggers import is_postgres, refuse_insert
from gateway.store.migrations.views import make_views

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _write_leaves_first()
    make_views()
    if not is_postgres():
        op.execute("PRAGMA user_version = 4")  # so that gateways from before there were revisions leave the file alone


def _write_leaves_first() -> None:
    """Who knows no leaves can still enter nothing."""
    if not is_postgres():
        for name in ("entries_never_yield", "entries_come_with_leaves"):
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
    refuse_insert(
        "entries_come_with_leaves",
        "entries",
        "NOT EXISTS (SELECT 1 FROM leaves WHERE seq = NEW.seq)"
        " OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq OR (call_id = NEW.call_id AND phase = NEW.phase))",
    )
