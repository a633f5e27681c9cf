"""Reads the audit log: its exchanges, one row each, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, column, func, select, table

from gateway.audit.event import ExchangeRecord
from gateway.store.database import Database
from gateway.store.tables.ledger import ENTRIES

_EXCHANGES = table("exchanges", *map(column, ("seq", "call_id", "opened_at", "completed_at", "tenant", "body")))
_NEWEST = select(_EXCHANGES.c.seq, _EXCHANGES.c.completed_at, _EXCHANGES.c.body).order_by(_EXCHANGES.c.seq.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRow:
    """`seq` orders the rows; `completed_at` (ISO 8601, UTC) is None for an exchange that has not been completed."""

    seq: int
    completed_at: str | None
    record: ExchangeRecord


def read_exchanges(
    database: Database,
    *,
    limit: int,
    before: int | None = None,
    call_id: str | None = None,
    tenant: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> tuple[ExchangeRow, ...]:
    """At most `limit` exchanges with a `seq` below `before`, that opened at `since` or later and before `until`: ISO 8601, UTC.

    Raises AuditUnavailable when the log cannot be read.
    """
    query = _NEWEST.limit(limit)
    if before is not None:
        query = query.where(_EXCHANGES.c.seq < before)
    if call_id is not None:
        query = query.where(_EXCHANGES.c.call_id == call_id)
    if tenant is not None:
        query = query.where(_EXCHANGES.c.tenant == tenant)
    if until is not None:
        query = query.where(_EXCHANGES.c.opened_at < until)
    with database.reading() as connection:
        if since is not None:
            first, _ = _range_since(connection, since)
            query = query.where(_EXCHANGES.c.seq >= first, _EXCHANGES.c.opened_at >= since)
        rows = connection.execute(query).all()
    return tuple(map(_row, rows))


def read_since(database: Database, since: str, *, page: int = 500) -> Iterator[ExchangeRow]:
    """The exchanges that opened at `since` or later (ISO 8601, UTC), newest first, of any number in little memory.

    Reads in pages of so many rows. Raises AuditUnavailable when the log cannot be read.
    """
    with database.reading() as connection:
        first, after = _range_since(connection, since)
        while True:
            rows = connection.execute(_page(first, after, since).limit(page)).all()
            yield from map(_row, rows)
            if len(rows) < page:
                return
            after = rows[-1][0]


def range_since(database: Database, since: str) -> tuple[int, int]:
    """The first `seq` that `read_since` may give, and the first behind its last: for showing how far a reader has come."""
    with database.reading() as connection:
        return _range_since(connection, since)


def _page(first: int, after: int, since: str) -> Select[Any]:
    seq = _EXCHANGES.c.seq
    return _NEWEST.where(seq >= first, seq < after, _EXCHANGES.c.opened_at >= since)


def _range_since(connection: Connection, since: str) -> tuple[int, int]:
    """An entry is written at or after the opening of its exchange, so what was written before is older."""
    query = select(func.min(ENTRIES.c.seq), func.max(ENTRIES.c.seq)).where(ENTRIES.c.at >= since)
    first, last = connection.execute(query).one()
    return (0, 0) if first is None else (int(first), int(last) + 1)


def _row(row: Any) -> ExchangeRow:
    seq, completed_at, body = row
    return ExchangeRow(seq=seq, completed_at=completed_at, record=ExchangeRecord.from_json(body))
