"""`gateway audit retain`: erase content whose time is over, now."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from gateway.assurance.retention import due, retire
from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.common.actor import actor
from gateway.cli.common.progress import Bar
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, existing, settings_of
from gateway.cli.common.store import told
from gateway.keys.destruction import scrub


def retain(state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None) -> None:
    """Erase the content of exchanges whose `retention_days` are over. Running gateways do this every hour by themselves."""
    now = datetime.now(UTC)
    with told(), existing(settings_of(state_dir, database)) as store:
        number = due(store, now)
        if not number:
            scrub(store)  # an earlier run may have erased and failed to clean up behind itself
            typer.echo("nothing is due")
            return
        act = new_act(Action.RETENTION_RUN, actor=actor(), note=f"{number} exchanges are due")
        with entered(store, act), Bar(number, title="Erasing") as bar:
            retired = retire(store, now, bar.advance)
    typer.echo(f"erased: {retired}")
