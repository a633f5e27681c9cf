"""`gateway audit acts`: the latest acts upon the gateway itself, a line each."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.audit.act import Act
from gateway.audit.act_reader import read_acts
from gateway.cli.audit.session import Limit, latest
from gateway.cli.common.moment import Since, Until
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of
from gateway.printable import printable


def acts(
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each act.")] = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Show the latest acts upon the gateway itself: keys, policy and limits; who, on what, and how it ended."""
    for row in latest(read_acts, "acts", since, until, limit, settings_of(state_dir, database)):
        typer.echo(row.act.to_json() if as_json else printable(_line(row.act)))


def _line(act: Act) -> str:
    whose = "/".join(word for word in (act.tenant, act.principal) if word)
    end = f"{act.outcome} ({act.error_code})" if act.error_code else str(act.outcome)
    what = " -> ".join(word for word in (act.target, act.result) if word)
    parts = (act.at, act.act_id, act.actor or "nobody", act.action, end, what or "-", whose, act.note or "")
    return "  ".join(part for part in parts if part)
