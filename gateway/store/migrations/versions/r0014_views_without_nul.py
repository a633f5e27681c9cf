"""Views that can be read on Postgres whatever an older gateway wrote."""

from __future__ import annotations

from gateway.store.migrations.views import make_views

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    make_views()
