"""Reads the acts in the audit log, one row each, newest first. Opens the file read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import orjson

from gateway.audit.act import Act

_SINCE = 2
"""The version of the file in which acts appear."""
_SELECT = (
    "SELECT seq, ended_at, body FROM acts WHERE (:before IS NULL OR seq < :before)"
    " AND (:tenants IS NULL OR tenant IN (SELECT value FROM json_each(:tenants)))"
    " ORDER BY seq DESC LIMIT :limit"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRow:
    """`seq` orders the rows; `ended_at` (ISO 8601, UTC) is None for an act that has not ended."""

    seq: int
    ended_at: str | None
    act: Act


def read_acts(path: Path, *, limit: int, before: int | None = None, tenants: Iterable[str] | None = None) -> tuple[ActRow, ...]:
    """At most `limit` acts with a `seq` below `before`; with `tenants`, only acts in these, and none that is in no tenant.

    Raises sqlite3.Error when the file cannot be read, and ValueError, TypeError or KeyError for an act of another version.
    """
    only = None if tenants is None else orjson.dumps(sorted(tenants)).decode()
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        if connection.execute("PRAGMA user_version").fetchone()[0] < _SINCE:
            return ()
        rows = connection.execute(_SELECT, {"limit": limit, "before": before, "tenants": only}).fetchall()
    return tuple(ActRow(seq=seq, ended_at=ended_at, act=Act.from_json(body)) for seq, ended_at, body in rows)
