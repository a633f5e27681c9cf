"""Small logs with a tree, signed where a test says, and ways to spoil them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from gateway.audit.checkpointer import sign
from gateway.audit.log import Entry, Kind, Phase
from gateway.audit.signing import KeyFile
from gateway.audit.sqlite_table import EntryTable, Fate
from gateway.audit.verify import VerifierKey

ORIGIN = "example.com/log"


def entry(number: int, phase: Phase = Phase.OPENED, *, kind: Kind = Kind.EXCHANGE) -> Entry:
    body = f'{{"n":{number},"text":"张伟"}}'
    return Entry(call_id=f"c{number}", phase=phase, at=f"2026-01-02T03:04:{number % 60:02}.678Z", body=body, kind=kind)


def key_file(path: Path) -> KeyFile:
    return KeyFile(path.with_name("audit.key"), ORIGIN)


def vkey(path: Path) -> VerifierKey:
    return key_file(path).load().current.public


def write(path: Path, numbers: Iterable[int]) -> None:
    with closing(EntryTable(path)) as table:
        fates = table.write([entry(number) for number in numbers])
    assert set(fates) == {Fate.DURABLE}


def signed_log(path: Path, *sizes: int, after: int = 0) -> Path:
    """A log with checkpoints at these sizes, and `after` more entries."""
    for begin, end in zip((0, *sizes), sizes, strict=False):
        write(path, range(begin, end))
        sign_now(path)
    if after:
        write(path, range(sizes[-1], sizes[-1] + after))
    return path


def sign_now(path: Path) -> None:
    with closing(EntryTable(path)) as table:
        sign(table, key_file(path))


def spoil(path: Path, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    """Edit the file as somebody does who knows it: the triggers are taken down first."""
    with closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(*((statement,) if isinstance(statement, str) else statement))
        connection.commit()


def value(path: Path, query: str, *values: object) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query, values).fetchone()[0]
