"""`gateway keys revoke`: a key that is void at once."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from gateway.audit.act import Action
from gateway.cli.common.record import STATE_DIR, StateDir
from gateway.cli.keys.acts import on_record
from gateway.cli.keys.session import KeyId, known, public_id_of, told
from gateway.cli.keys.store import opened_keys
from gateway.settings import Settings


def revoke(key_id: KeyId, state_dir: StateDir = STATE_DIR) -> None:
    """Void a key for good. A whole key is taken for its public id, and not repeated."""
    public_id = public_id_of(key_id)
    settings = Settings(state_dir=state_dir)
    with told(settings), opened_keys(settings) as store, on_record(settings, Action.KEYS_REVOKE, known(store, public_id)):
        store.revoke(public_id, datetime.now(UTC))
    typer.echo(f"{public_id} is revoked; running gateways refuse it within a second")
