"""The table of entries in one SQLite file; one thread at a time writes to it.

WAL with `synchronous=FULL`: a transaction that was committed has been synced to the disk
(https://www.sqlite.org/wal.html). SQLite keeps writing to a file that was deleted or moved away, so after each commit
we look whether the file is still the one that we opened.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from gateway.audit.log import Entry
from gateway.audit.schema import UnknownSchemaError, ensure_schema, stamp, transaction
from gateway.errors import AuditUnavailable

_BUSY_S = 2.0
# One entry too many or too large for the disk: smaller companions in its transaction may still fit.
_ONE_BY_ONE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_TOOBIG})
# After these the connection is as good as before.
_HARMLESS = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_TOOBIG})


class Fate(Enum):
    """What became of an entry."""

    DURABLE = "durable"
    REFUSED = "refused"  # another entry has its place: trying again cannot help
    FAILED = "failed"  # the disk or the file is at fault: trying again may help


class EntryTable:
    """Opens its file when it needs it, and again after trouble. `trouble` names what went wrong last.

    A new file is its owner's alone; the mode of one that is there is left as it was set.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = (str(path), f"{path}-wal")
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[tuple[int, int], ...] = ()
        self.trouble = ""

    def open(self) -> sqlite3.Connection:
        """The connection. Raises AuditUnavailable."""
        if self._connection is None:
            try:
                self._connection = _connect(self._path)
                self._opened = _identity(self._files)
            except (sqlite3.Error, OSError, UnknownSchemaError) as error:
                self._give_up(error)
                raise AuditUnavailable("The audit log cannot be opened.") from None
        return self._connection

    def write(self, entries: Sequence[Entry]) -> list[Fate]:
        """Write entries in one transaction, or one by one where one of them may be in the way of the others."""
        try:
            fates = _insert(self.open(), entries)
        except AuditUnavailable:
            return [Fate.FAILED] * len(entries)
        except sqlite3.Error as error:
            self._give_up(error)
            if len(entries) > 1 and _code(error) in _ONE_BY_ONE:
                return [fate for entry in entries for fate in self.write([entry])]
            return [Fate.FAILED] * len(entries)
        return fates if self._in_place() else [Fate.FAILED] * len(entries)

    def probe(self) -> bool:
        """Whether a durable write succeeds now. Writes one page, and no entry."""
        try:
            connection = self.open()
            with transaction(connection):
                stamp(connection)
        except AuditUnavailable:
            return False
        except sqlite3.Error as error:
            self._give_up(error)
            return False
        return self._in_place()

    def close(self) -> None:
        """Safe to call twice. Merges the WAL into the file where the disk allows it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _in_place(self) -> bool:
        with contextlib.suppress(OSError):
            if _identity(self._files) == self._opened:
                return True
        self.trouble = "the file was removed or replaced"
        self.close()
        return False

    def _give_up(self, error: Exception) -> None:
        self.trouble = getattr(error, "sqlite_errorname", type(error).__name__)
        if _code(error) not in _HARMLESS:
            self.close()


def _connect(path: Path) -> sqlite3.Connection:
    _create_private(path)
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        ensure_schema(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _create_private(path: Path) -> None:
    """Only a file that is new: closing one that SQLite has open elsewhere in this process would drop its locks
    (https://www.sqlite.org/howtocorrupt.html, 2.2). SQLite gives the WAL the mode of the file.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _use_wal(connection: sqlite3.Connection) -> None:
    """Several workers may start at once; SQLite does not wait for the lock when it changes the journal mode."""
    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            if mode != "wal":
                raise UnknownSchemaError("the file system of the audit log does not support WAL")
            return


def _insert(connection: sqlite3.Connection, entries: Sequence[Entry]) -> list[Fate]:
    with transaction(connection):
        return [_insert_one(connection, entry) for entry in entries]


def _insert_one(connection: sqlite3.Connection, entry: Entry) -> Fate:
    try:
        connection.execute(
            "INSERT INTO entries (call_id, phase, at, body, kind) VALUES (?, ?, ?, ?, ?)",
            (entry.call_id, entry.phase.value, entry.at, entry.body, entry.kind.value),
        )
    except sqlite3.IntegrityError:  # undoes this statement only; the transaction goes on
        return Fate.DURABLE if _holds(connection, entry) else Fate.REFUSED
    return Fate.DURABLE


def _holds(connection: sqlite3.Connection, entry: Entry) -> bool:
    found = connection.execute(
        "SELECT body FROM entries WHERE call_id = ? AND phase = ?", (entry.call_id, entry.phase.value)
    ).fetchone()
    return found is not None and found[0] == entry.body


def _identity(files: tuple[str, str]) -> tuple[tuple[int, int], ...]:
    """Device and inode of the file and of its WAL. Plain `os.stat`: this runs with every commit."""
    stats = [os.stat(file) for file in files]  # noqa: PTH116
    return tuple((stat.st_dev, stat.st_ino) for stat in stats)


def _code(error: Exception) -> int:
    """The primary result code; -1 for what SQLite did not raise."""
    return getattr(error, "sqlite_errorcode", -1) & 0xFF
