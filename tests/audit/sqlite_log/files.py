"""The files of a log, looked at and held from outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

SMALL = 80_000  # bytes; enough for an empty log, whose shared memory file takes 32,768
LARGE = '"' + "secret" * 20_000 + '"'


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
