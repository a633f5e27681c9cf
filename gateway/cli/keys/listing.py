"""`gateway keys list`: keys by their public ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.cli.common.record import STATE_DIR, StateDir
from gateway.cli.keys.session import told
from gateway.cli.keys.store import opened_keys
from gateway.cli.keys.text import json_of, line_of
from gateway.settings import Settings


def list_keys(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's keys.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    state_dir: StateDir = STATE_DIR,
) -> None:
    """Show keys by their public ids. Whole keys cannot be shown: they are not kept."""
    settings = Settings(state_dir=state_dir)
    with told(settings), opened_keys(settings) as store:
        every = store.list()
    records = [record for record in every if tenant is None or record.tenant == tenant]
    now = datetime.now(UTC)
    if as_json:
        typer.echo(json_of(records, now))
    elif not records:
        typer.echo(f"no keys {'of this tenant' if tenant else 'yet'}; make one with: gateway keys issue", err=True)
    else:
        typer.echo("\n".join(line_of(record, now) for record in records))
