"""`gateway audit`: read the record, and prove it."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from gateway.audit.act import Act
from gateway.audit.act_reader import read_acts
from gateway.audit.event import ExchangeRecord
from gateway.audit.reader import read_exchanges
from gateway.cli import audit_export, audit_index, audit_key, audit_verify
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, fail, place_of, readable, settings_of, told
from gateway.printable import printable

app = typer.Typer(name="audit", help="Read the record of exchanges and of acts, and prove it.", no_args_is_help=True)
app.command(name="verify")(audit_verify.verify)
app.command(name="export")(audit_export.export)
app.command(name="index")(audit_index.index)
app.command(name="key")(audit_key.key)
app.command(name="rotate-key")(audit_key.rotate_key)

Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")]


@app.callback()
def audit() -> None:
    """Read the record of exchanges and of acts, and prove it."""


@app.command(name="list")
def list_exchanges(
    limit: Limit = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each exchange.")] = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Show the latest exchanges: who, what was decided, what was found and done."""
    settings = settings_of(state_dir, database)
    with told(), readable(settings) as record:
        try:
            rows = read_exchanges(record, limit=limit)
        except (ValueError, TypeError, KeyError):
            fail(f"the record in {place_of(settings)} holds an entry that this version cannot read")
    for row in rows:
        typer.echo(row.record.to_json() if as_json else printable(_line(row.record)))


@app.command()
def acts(
    limit: Limit = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each act.")] = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Show the latest acts upon the gateway itself: keys, policy and limits; who, on what, and how it ended."""
    settings = settings_of(state_dir, database)
    with told(), readable(settings) as record:
        try:
            rows = read_acts(record, limit=limit)
        except (ValueError, TypeError, KeyError):
            fail(f"the record in {place_of(settings)} holds an entry that this version cannot read")
    for row in rows:
        typer.echo(row.act.to_json() if as_json else printable(_act_line(row.act)))


def _act_line(act: Act) -> str:
    whose = "/".join(word for word in (act.tenant, act.principal) if word)
    end = f"{act.outcome} ({act.error_code})" if act.error_code else str(act.outcome)
    what = " -> ".join(word for word in (act.target, act.result) if word)
    parts = (act.at, act.act_id, act.actor or "nobody", act.action, end, what or "-", whose, act.note or "")
    return "  ".join(part for part in parts if part)


def _line(record: ExchangeRecord) -> str:
    who = f"{record.tenant}/{record.principal}" if record.tenant else "unknown caller"
    end = f"{record.outcome} ({record.error_code})" if record.error_code else str(record.outcome)
    return f"{record.opened_at}  {record.call_id}  {who}  {record.model or '-'}  {end}  {_found(record)}{_where(record)}"


def _found(record: ExchangeRecord) -> str:
    """By type and operator, whichever recognizers found them."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in record.findings:
        counts[one.entity, str(one.operator)] += one.count
    return ", ".join(f"{count} {entity} {operator}" for (entity, operator), count in counts.items()) or "nothing found"


def _where(record: ExchangeRecord) -> str:
    return _served(record) + _unread(record)


def _unread(record: ExchangeRecord) -> str:
    """How much passed through that nobody here can read."""
    passed = record.relayed
    if passed is None:
        return ""
    return f"  ciphertext only: {passed.frames_up} frames, {(passed.bytes_up + passed.bytes_down) / 1e6:.1f} MB"


def _served(record: ExchangeRecord) -> str:
    """Which version answered, where policy pins one, and whether the request left the premises."""
    served = record.served
    if served is None or (served.version is None and not served.external):
        return ""
    version = f" {served.version}" if served.version else ""
    return f"  {record.deployment}{version}{' (left the premises)' if served.external else ''}"
