"""`gateway audit`: read the record."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from gateway.audit.event import ExchangeRecord
from gateway.audit.reader import read_exchanges
from gateway.settings import Settings

app = typer.Typer(name="audit", help="Read the record of exchanges.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Read the record of exchanges."""


@app.command(name="list")
def list_exchanges(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each exchange.")] = False,
    state_dir: Annotated[
        Path, typer.Option("--state-dir", envvar="GATEWAY_STATE_DIR", help="Folder of the gateway's own files.")
    ] = Path(".state"),
) -> None:
    """Show the latest exchanges: who, what was decided, what was found and done."""
    try:
        rows = read_exchanges(Settings(state_dir=state_dir).audit_path, limit=limit)
    except sqlite3.Error:
        typer.echo(f"there is no readable record in {state_dir}", err=True)
        raise typer.Exit(1) from None
    for row in rows:
        typer.echo(row.record.to_json() if as_json else _line(row.record))


def _line(record: ExchangeRecord) -> str:
    who = f"{record.tenant}/{record.principal}" if record.tenant else "unknown caller"
    found = ", ".join(f"{f.count} {f.entity} {f.operator}" for f in record.findings) or "nothing found"
    end = f"{record.outcome} ({record.error_code})" if record.error_code else str(record.outcome)
    return f"{record.opened_at}  {record.call_id}  {who}  {record.model or '-'}  {end}  {found}"
