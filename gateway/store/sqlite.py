"""A database in one SQLite file, for one gateway or several processes on one machine.

WAL with `synchronous=FULL`: a transaction that was committed has been synced to the disk (https://www.sqlite.org/wal.html).
`secure_delete` writes zeros over what is deleted (https://www.sqlite.org/pragma.html#pragma_secure_delete).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

BUSY_S = 2.0
"""How long a transaction waits for another process to end its own."""
BEGIN = "gateway_begin"
"""Execution option of a connection: the statement that begins its transactions. Without it there are none."""
_AUTOCHECKPOINT = "PRAGMA wal_autocheckpoint = 20000"
"""Pages in the journal (80 MB) from which on whoever commits moves them into the file. Until then that is done beside the
exchanges, since one of them would wait for it."""
LONG = 1_048_576
"""Bytes of a journal that is worth moving. The first commit after that begins it anew, which takes a sync of its own, so it is
not done for little; and cuts it to this length, so that one that is longer has much in it. It is cut no shorter, since to write
over a part of a file is quicker than to make it longer.
"""
_SIZE_LIMIT = f"PRAGMA journal_size_limit = {LONG}"
_COARSE_NS = 1_000_000_000


class WalUnsupportedError(Exception):
    """The file system cannot hold a database that is durable and read while it is written."""


def sqlite_engine(path: Path, *, create: bool) -> Engine:
    """Connects anew each time: a file that was moved away or replaced is noticed. Without `create` nothing can be written."""
    uri = f"{path.absolute().as_uri()}?mode={'rw' if create else 'ro'}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def create_private(path: Path) -> None:
    """Only a file that is new: closing one that SQLite has open elsewhere in this process would drop its locks
    (https://www.sqlite.org/howtocorrupt.html, 2.2). SQLite gives the WAL the mode of the file.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def use_wal(engine: Engine) -> None:
    """Several processes may start at once; SQLite does not wait for the lock when it changes the journal mode.

    Raises WalUnsupportedError or sqlite3.Error.
    """
    deadline = time.monotonic() + BUSY_S
    with engine.connect() as connection:
        raw = connection.connection.cursor()
        while True:
            try:
                mode = raw.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                if mode != "wal":
                    raise WalUnsupportedError
                return


def be_patient(connection: Connection) -> None:
    """Another process may be bringing a large file up to date, which takes a while."""
    connection.connection.cursor().execute("PRAGMA busy_timeout = 120000")


def identity(path: Path) -> tuple[tuple[int, int], ...]:
    """Which files these are. Plain `os.stat`: this runs with every commit."""
    stats = [os.stat(file) for file in (path, f"{path}-wal")]  # noqa: PTH116
    return tuple((stat.st_dev, stat.st_ino) for stat in stats)


def version(path: Path) -> tuple[int, ...] | None:
    """What the file and its WAL look like: every commit writes to one of them. None where they have been written to so lately
    that one more commit might look the same, as file times are coarse. Raises OSError where they are gone.
    """
    stats = [os.stat(file) for file in (path, f"{path}-wal")]  # noqa: PTH116
    if max(stat.st_mtime_ns for stat in stats) > time.time_ns() - _COARSE_NS:
        return None
    return tuple(figure for stat in stats for figure in (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns))


def has_long_journal(path: Path) -> bool:
    """Whether the WAL is longer than what is left lying. Raises OSError where it is gone."""
    return os.stat(f"{path}-wal").st_size > LONG  # noqa: PTH116


def be_quick(connection: Connection) -> None:
    """Commits no longer wait for the disk. They stay whole and in order (https://www.sqlite.org/pragma.html#pragma_synchronous)."""
    connection.connection.cursor().execute("PRAGMA synchronous = NORMAL")


def merge_journal(connection: Connection) -> None:
    """Move what the journal holds into the file, as far as nobody reads older pages. Nobody waits for it."""
    connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")


def trim_journal(connection: Connection) -> bool:
    """Move what the journal holds into the file and empty it, so that old versions of pages are gone from the disk.

    False where a reader or a writer was in the way.
    """
    busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    return not busy


def _configure(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(_AUTOCHECKPOINT)
    connection.execute(_SIZE_LIMIT)


def _begin(connection: Connection) -> None:
    if statement := connection.get_execution_options().get(BEGIN):
        connection.exec_driver_sql(statement)
