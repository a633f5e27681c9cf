"""`gateway master-key status`: which key is in charge."""

from __future__ import annotations

import typer

from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of
from gateway.cli.common.store import opened, told
from gateway.keys.rotation import status as state_of


def status(state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None) -> None:
    """Show which master key is in charge, and how many tenants' keys hang on it."""
    with told(), opened(settings_of(state_dir, database)) as store:
        state = state_of(store.database, store.master)
    typer.echo(f"{state.name} is in charge; {state.tenants} tenants have a key, {state.destroyed} were erased")
    if state.older:
        typer.echo(f"{state.older} keys are wrapped under an older one: finish with: gateway master-key rotate", err=True)
