"""Reads the audit log: its exchanges, one row each, newest first. Opens the file read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gateway.audit.event import ExchangeRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRow:
    """`seq` orders the rows; `completed_at` (ISO 8601, UTC) is None for an exchange that has not been completed."""

    seq: int
    completed_at: str | None
    record: ExchangeRecord


def read_exchanges(
    path: Path, *, limit: int, before: int | None = None, call_id: str | None = None, tenant: str | None = None
) -> tuple[ExchangeRow, ...]:
    """At most `limit` exchanges with a `seq` below `before`. Raises sqlite3.Error when the file cannot be read."""
    with closing(_opened(path)) as connection:
        rows = connection.execute(
            "SELECT seq, completed_at, body FROM exchanges WHERE (:before IS NULL OR seq < :before)"
            " AND (:call_id IS NULL OR call_id = :call_id) AND (:tenant IS NULL OR tenant = :tenant)"
            " ORDER BY seq DESC LIMIT :limit",
            {"limit": limit, "before": before, "call_id": call_id, "tenant": tenant},
        ).fetchall()
    return tuple(map(_row, rows))


def read_since(path: Path, since: str, *, page: int = 500) -> Iterator[ExchangeRow]:
    """The exchanges that opened at `since` or later (ISO 8601, UTC), newest first, of any number in little memory.

    Reads in pages of so many rows: one long read would keep SQLite from trimming the log's journal while it lasts. Raises
    sqlite3.Error when the file cannot be read.
    """
    with closing(_opened(path)) as connection:
        first, after = _range_since(connection, since)
        while True:
            rows = connection.execute(
                "SELECT seq, completed_at, body FROM exchanges"
                " WHERE seq >= :first AND seq < :after AND opened_at >= :since ORDER BY seq DESC LIMIT :page",
                {"first": first, "after": after, "since": since, "page": page},
            ).fetchall()
            yield from map(_row, rows)
            if len(rows) < page:
                return
            after = rows[-1][0]


def range_since(path: Path, since: str) -> tuple[int, int]:
    """The first `seq` that `read_since` may give, and the first behind its last: for showing how far a reader has come."""
    with closing(_opened(path)) as connection:
        return _range_since(connection, since)


def _range_since(connection: sqlite3.Connection, since: str) -> tuple[int, int]:
    """An entry is written at or after the opening of its exchange, so what was written before is older."""
    first, last = connection.execute("SELECT min(seq), max(seq) FROM entries WHERE at >= ?", (since,)).fetchone()
    return (0, 0) if first is None else (int(first), int(last) + 1)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _row(row: tuple[int, str | None, str]) -> ExchangeRow:
    seq, completed_at, body = row
    return ExchangeRow(seq=seq, completed_at=completed_at, record=ExchangeRecord.from_json(body))
