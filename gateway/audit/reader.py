"""Reads the audit log: its exchanges, one row each, newest first. Opens the file read-only."""

from __future__ import annotations

import sqlite3
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
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT seq, completed_at, body FROM exchanges WHERE (:before IS NULL OR seq < :before)"
            " AND (:call_id IS NULL OR call_id = :call_id) AND (:tenant IS NULL OR tenant = :tenant)"
            " ORDER BY seq DESC LIMIT :limit",
            {"limit": limit, "before": before, "call_id": call_id, "tenant": tenant},
        ).fetchall()
    return tuple(
        ExchangeRow(seq=seq, completed_at=completed_at, record=ExchangeRecord.from_json(body))
        for seq, completed_at, body in rows
    )
