"""`gateway dp budgets`: what was declared, and what is spent of it."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.common.policy import AsJson
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, readable, settings_of
from gateway.cli.dp.session import told
from gateway.cli.dp.text import budgets_json, budgets_text
from gateway.dp.ledger import Ledger


def budgets(
    tenant: Annotated[str | None, typer.Option("--tenant", help="Only of this tenant.")] = None,
    as_json: AsJson = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Every budget: what was declared, and what is spent of it."""
    with told(), readable(settings_of(state_dir, database)) as store:
        ledger = Ledger(store)
        found = [(budget, ledger.spent(budget)) for budget in ledger.budgets(tenant)]
    typer.echo((budgets_json if as_json else budgets_text)(found))
