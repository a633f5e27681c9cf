"""Small logs with a tree, signed where a test says, and ways to spoil them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.audit.checkpointer import sign
from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.held import HeldFile
from gateway.audit.log import Entry, Kind, Phase
from gateway.audit.signing import KeyFile
from gateway.audit.verify import VerifierKey
from gateway.store import Database
from tests.store.databases import sqlite_at

ORIGIN = "example.com/log"


@dataclass(frozen=True, slots=True)
class Log:
    """A log in a database, and the folder in which its key lies."""

    database: Database
    folder: Path

    @contextmanager
    def table(self) -> Iterator[EntryTable]:
        with closing(EntryTable(self.database)) as table:
            yield table


def log_in(path: Path) -> Log:
    """In a file of SQLite, with the key beside it."""
    return Log(sqlite_at(path), path.parent)


def entry(number: int, phase: Phase = Phase.OPENED, *, kind: Kind = Kind.EXCHANGE) -> Entry:
    body = f'{{"n":{number},"text":"张伟"}}'
    return Entry(call_id=f"c{number}", phase=phase, at=f"2026-01-02T03:04:{number % 60:02}.678Z", body=body, kind=kind)


def key_file(log: Log) -> KeyFile:
    return KeyFile(log.folder / "audit.key", ORIGIN)


def vkey(log: Log) -> VerifierKey:
    return key_file(log).load().current.public


def write(log: Log, numbers: Iterable[int]) -> None:
    with log.table() as table:
        fates = table.write([entry(number) for number in numbers])
    assert set(fates) == {Fate.DURABLE}


def signed_log(log: Log, *sizes: int, after: int = 0) -> Log:
    """A log with checkpoints at these sizes, and `after` more entries."""
    for begin, end in zip((0, *sizes), sizes, strict=False):
        write(log, range(begin, end))
        sign_now(log)
    if after:
        write(log, range(sizes[-1], sizes[-1] + after))
    return log


def sign_now(log: Log) -> None:
    with log.table() as table:
        sign(table, key_file(log))


def held_file(log: Log) -> HeldFile:
    """Where the last checkpoint lies that was signed here."""
    return HeldFile(key_file(log).path, log.database.place)


def sign_anew(log: Log) -> None:
    """As somebody does who has every right on the machine: the key, and the folder in which it lies."""
    held_file(log).forget()
    sign_now(log)


def spoil(log: Log, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    """Edit the database as somebody does who knows it: the triggers are taken down first."""
    with log.database.writing() as connection:
        for statement in _triggers_down(log):
            connection.exec_driver_sql(statement)
        for one in statements:
            statement, values = (one, ()) if isinstance(one, str) else one
            connection.exec_driver_sql(_query(log, statement, values), values or None)


def value(log: Log, query: str, *given: object) -> Any:
    """The first value of the first row; `?` stands for a value in either dialect."""
    return values(log, query, *given)[0]


def values(log: Log, query: str, *given: object) -> list[Any]:
    """The first value of each row."""
    with log.database.reading() as connection:
        return [row[0] for row in connection.exec_driver_sql(_query(log, query, given), given or None)]


def _triggers_down(log: Log) -> list[str]:
    if log.database.kind == "sqlite":
        names = values(log, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        return [f"DROP TRIGGER {name}" for name in names]
    return [f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in ("entries", "leaves", "checkpoints", "verifier_keys")]


def _query(log: Log, query: str, given: tuple[object, ...]) -> str:
    return query.replace("?", "%s") if given and log.database.kind == "postgres" else query
