"""The files of a log, looked at from outside, and entries to write to it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.log import Entry, Phase
from gateway.errors import AuditUnavailable

SMALL = 80_000  # bytes; enough for an empty log, whose shared memory file takes 32,768
LARGE = '"' + "secret" * 20_000 + '"'


def entry(call_id: str, phase: Phase = Phase.OPENED, body: str = "{}") -> Entry:
    return Entry(call_id=call_id, phase=phase, at="2026-01-02T03:04:05.678Z", body=body)


def stored(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT call_id FROM entries ORDER BY seq")]


def wal_size(path: Path) -> int:
    return path.with_name(path.name + "-wal").stat().st_size


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process's write transaction, as far as SQLite can tell."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def well(log: DatabaseAuditLog) -> bool:
    return log.healthy


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


async def outcome(log: DatabaseAuditLog, what: Entry) -> bool:
    try:
        await log.append(what)
    except AuditUnavailable:
        return False
    return True
