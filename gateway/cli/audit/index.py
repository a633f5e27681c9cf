"""`gateway audit index`: the explorer's index, which is derived from the record and can be made anew from it."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, existing, settings_of, told
from gateway.explorer.index.index import Index

_BATCH = 500
_TURN_S = 0.05


def index(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Forget the index first, and make it anew.")] = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Bring the explorer's index up to the end of the record. A gateway that runs meanwhile helps, and is not disturbed."""
    settings = settings_of(state_dir, database)
    with told(), existing(settings) as opened:
        found = Index(opened)
        if rebuild:
            found.rebuild()
        while found.behind():
            if not found.follow(_BATCH):
                time.sleep(_TURN_S)  # a gateway that runs was faster
        typer.echo(f"the index is up to date with entry {found.mark().seq} of the record")
