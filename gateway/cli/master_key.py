"""`gateway master-key`: the key at the top, under which tenants' keys are wrapped."""

from __future__ import annotations

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.assurance_session import opened, told
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, settings_of
from gateway.cli.keys_acts import actor
from gateway.keys.rotation import rotate as rotated
from gateway.keys.rotation import status as state_of

app = typer.Typer(name="master-key", help="The key under which tenants' keys are wrapped.", no_args_is_help=True)


@app.command()
def status(state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None) -> None:
    """Show which master key is in charge, and how many tenants' keys hang on it."""
    with told(), opened(settings_of(state_dir, database)) as store:
        state = state_of(store.database, store.master)
    typer.echo(f"{state.name} is in charge; {state.tenants} tenants have a key, {state.destroyed} were erased")
    if state.older:
        typer.echo(f"{state.older} keys are wrapped under an older one: finish with: gateway master-key rotate", err=True)


@app.command()
def rotate(state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None) -> None:
    """Wrap every tenant's key under a new master key. Gateways go on; what is cut short is finished by the same command.

    A key in a file or in a Vault is made anew. Where the key is in a variable, put the new one before the old one there first.
    """
    with told(), opened(settings_of(state_dir, database)) as store:
        before = store.master.name
        with entered(store.database, new_act(Action.MASTER_KEY_ROTATE, actor=actor(), target=before)):
            count = rotated(store.database, store.master)
        state = state_of(store.database, store.master)
    typer.echo(f"{state.name} is in charge; {count} tenants' keys were wrapped anew")
