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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from gateway.audit.ledger import DamagedTreeError, Tail, append, tail_of
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
        self._tail = Tail()
        self._version = 0
        self.trouble = ""

    def open(self) -> sqlite3.Connection:
        """The connection. Raises AuditUnavailable."""
        if self._connection is None:
            try:
                self._connection = _connect(self._path)
                self._opened = _identity(self._files)
                self._version, self._tail = _data_version(self._connection), tail_of(self._connection)
            except (sqlite3.Error, OSError, UnknownSchemaError, DamagedTreeError) as error:
                self._give_up(error)
                raise AuditUnavailable("The audit log cannot be opened.") from None
        return self._connection

    def write(self, entries: Sequence[Entry]) -> list[Fate]:
        """Write entries in one transaction, or one by one where one of them may be in the way of the others."""
        try:
            fates = self._enter(entries)
        except AuditUnavailable:
            return [Fate.FAILED] * len(entries)
        except (sqlite3.Error, DamagedTreeError) as error:
            self._give_up(error)
            if len(entries) > 1 and _code(error) in _ONE_BY_ONE:
                return [fate for entry in entries for fate in self.write([entry])]
            return [Fate.FAILED] * len(entries)
        return fates if self._in_place() else [Fate.FAILED] * len(entries)

    @property
    def size(self) -> int:
        """How many entries the log had when it was last written to."""
        return self._tail.frontier.size

    @contextmanager
    def locked(self) -> Iterator[tuple[sqlite3.Connection, Tail]]:
        """A transaction in which nobody else writes, and where the log ends now. Raises AuditUnavailable."""
        connection = self.open()
        try:
            with transaction(connection):
                yield connection, self._current(connection)
        except (sqlite3.Error, DamagedTreeError) as error:
            self._give_up(error)
            raise AuditUnavailable("The audit log cannot be written.") from None
        if not self._in_place():
            raise AuditUnavailable("The audit log was removed or replaced.")

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

    def _enter(self, entries: Sequence[Entry]) -> list[Fate]:
        connection = self.open()
        fates = []
        with transaction(connection):
            tail = self._current(connection)
            for entry in entries:
                try:
                    tail, fate = append(connection, tail, entry), Fate.DURABLE
                except sqlite3.IntegrityError:  # undoes this statement only; the transaction goes on
                    fate = Fate.DURABLE if _holds(connection, entry) else Fate.REFUSED
                fates.append(fate)
        self._tail = tail  # not before the commit: what was rolled back is no part of the tree
        return fates

    def _current(self, connection: sqlite3.Connection) -> Tail:
        """Read anew where another process wrote since (https://www.sqlite.org/pragma.html#pragma_data_version)."""
        version = _data_version(connection)
        if version != self._version:
            self._version, self._tail = version, tail_of(connection)
        return self._tail

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


def _data_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


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
