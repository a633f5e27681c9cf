"""`gateway master-key rotate`: every tenant's key under a new one."""

from __future__ import annotations

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.common.actor import actor
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of
from gateway.cli.common.store import opened, told
from gateway.keys.rotation import rotate as rotated
from gateway.keys.rotation import status as state_of


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
