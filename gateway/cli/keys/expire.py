"""`gateway keys expire`: a key that ends by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.audit.act import Action
from gateway.cli.common.record import STATE_DIR, StateDir
from gateway.cli.keys.acts import on_record
from gateway.cli.keys.session import KeyId, known, public_id_of, span_of, told
from gateway.cli.keys.store import opened_keys
from gateway.cli.keys.text import minute
from gateway.identity.agreement import ends as ending
from gateway.settings import Settings


def expire(
    key_id: KeyId,
    after: Annotated[str, typer.Option("--in", help="How long it still works: 30m, 24h, 7d.")],
    state_dir: StateDir = STATE_DIR,
) -> None:
    """Let a key end by itself. An earlier end stays."""
    public_id, ends = public_id_of(key_id), datetime.now(UTC) + span_of("--in", after)
    settings = Settings(state_dir=state_dir)
    with (
        told(settings),
        opened_keys(settings) as store,
        on_record(settings, Action.KEYS_EXPIRE, known(store, public_id), note=ending(public_id, ends)),
    ):
        store.expire(public_id, ends)
    typer.echo(f"{public_id} ends {minute(ends)} at the latest")
