"""`gateway keys rotate`: a new key for the same holder."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.audit.act import Action
from gateway.cli.common.record import STATE_DIR, StateDir, fail
from gateway.cli.keys.acts import on_record
from gateway.cli.keys.session import KeyId, known, public_id_of, show, span_of, told
from gateway.cli.keys.store import opened_keys
from gateway.cli.keys.text import minute
from gateway.identity.agreement import overlap_noted
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import successor
from gateway.settings import Settings


def rotate(
    key_id: KeyId,
    overlap: Annotated[str, typer.Option(help="How long the old key still works: 30m, 24h, 7d, or 0m.")] = "24h",
    state_dir: StateDir = STATE_DIR,
) -> None:
    """Make a new key for the same holder and print it, this once; the old one ends after the overlap."""
    now, settings = datetime.now(UTC), Settings(state_dir=state_dir)
    public_id, ends = public_id_of(key_id), now + span_of("--overlap", overlap)
    with told(settings), opened_keys(settings) as store:
        old = known(store, public_id)
        if old.expired(now):
            fail("this key has expired; make a new one with: gateway keys issue")
        new = successor(old, load_pepper(settings.secret_path, os.environ), now=now)
        note = overlap_noted(overlap, old, ends, new.record)
        with on_record(settings, Action.KEYS_ROTATE, old, result=new.record.key_id, note=note):
            if not store.rotate(public_id, new.record, ends):
                fail("this key is revoked or was rotated before; see: gateway keys list")
    typer.echo(f"{public_id} ends {minute(min(ends, old.expires or ends))}", err=True)
    show(new)
