"""`gateway audit list`: the latest exchanges, a line each."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from gateway.audit.event import ExchangeRecord
from gateway.audit.reader import read_exchanges
from gateway.cli.audit.session import Limit, latest
from gateway.cli.common.moment import Since, Until
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of
from gateway.printable import printable


def list_exchanges(
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each exchange.")] = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Show the latest exchanges: who, what was decided, what was found and done."""
    for row in latest(read_exchanges, "exchanges", since, until, limit, settings_of(state_dir, database)):
        typer.echo(row.record.to_json() if as_json else printable(_line(row.record)))


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
