"""`gateway dp releases`: what was told about a data set."""

from __future__ import annotations

import typer

from gateway.cli.common.policy import AsJson
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, readable, settings_of
from gateway.cli.dp.session import DataSet, Tenant, told
from gateway.cli.dp.text import releases_json, releases_text
from gateway.dp.ledger import Ledger


def releases(
    tenant: Tenant, data_set: DataSet, as_json: AsJson = False, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None
) -> None:
    """Every release of a data set: who asked what, what it cost, and how it ended."""
    with told(), readable(settings_of(state_dir, database)) as store:
        ledger = Ledger(store)
        found = ledger.releases(ledger.budget(tenant, data_set))
    typer.echo((releases_json if as_json else releases_text)(found))
