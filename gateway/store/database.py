"""One database behind one URL: opened, brought up to date, read and written."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.errors import AuditUnavailable
from gateway.store import migrate, postgres, sqlite
from gateway.store.trouble import name_of

_log = logging.getLogger(__name__)
_SQLITE = "sqlite:///"

Kind = Literal["sqlite", "postgres"]


@dataclass(frozen=True, slots=True)
class Database:
    """`where` names it for people and holds no password; `path` is the file, if it is one. May be used by several threads."""

    engine: Engine = field(repr=False)
    kind: Kind
    where: str
    path: Path | None = None

    @property
    def place(self) -> str:
        """What tells it from other databases: no password, and nothing of how it is connected to."""
        if self.path is not None:
            return str(self.path.absolute())
        url, query = self.engine.url, self.engine.url.normalized_query
        host = ",".join(([url.host] if url.host else []) + list(query.get("host", ())))
        schema = ",".join(query.get("options", ()))
        return f"{url.username or ''}@{host}:{url.port or ''}/{url.database or ''} {schema}".rstrip()

    def prepare(self) -> None:
        """Make what is missing, and bring an older schema up to date. Raises AuditUnavailable."""
        with _explained():
            if self.path is not None:
                sqlite.create_private(self.path)
                sqlite.use_wal(self.engine)
            with self.engine.connect() as connection:
                if self.kind == "postgres":
                    postgres.require_durable(connection)
                current = migrate.is_current(connection)
            if not current:
                self._upgrade()

    def require_current(self) -> None:
        """Make nothing and change nothing. Raises AuditUnavailable where the schema is missing or of another version."""
        with _explained(), self.engine.connect() as connection:
            migrate.require_current(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Each statement sees what is committed by then, so that a long reader holds nobody up. Raises AuditUnavailable."""
        with _typed("The database cannot be read."), self.engine.connect() as connection:
            if self.kind == "postgres":
                yield connection.execution_options(isolation_level="AUTOCOMMIT")
            else:
                connection.exec_driver_sql("PRAGMA query_only = ON")
                yield connection

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction, committed as the block ends; SQLite takes the write lock at once. Raises AuditUnavailable.

        Where it need not be `durable` it does not wait for the disk: a machine that fails at once may lose it, whole, and
        nothing that was committed before it.
        """
        with _typed("The database cannot be written."), self._transaction(durable=durable) as connection:
            yield connection

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What a transaction may raise: SQLAlchemy's errors, and those of the driver beneath it."""
        return DBAPIError, PoolTimeout, self._driver.Error

    @property
    def conflicts(self) -> tuple[type[Exception], ...]:
        """Which of them say that a row is there already, or may not be there."""
        return IntegrityError, self._driver.IntegrityError

    def connect(self) -> Connection:
        """For whoever writes for long: a connection of one's own, whose transactions are those of `writing`."""
        options = {sqlite.BEGIN: "BEGIN IMMEDIATE"} if self.kind == "sqlite" else {}
        return self.engine.connect().execution_options(**options)

    def scrub(self) -> bool:
        """After an erasure: see that nothing of it is left in our files. False where others were in the way: try again.

        Postgres cleans up by itself, in its own time; its WAL and backups age out as whoever runs it has set.
        """
        if self.kind == "postgres":
            return True
        with _typed("The database cannot be written."), self.engine.connect() as connection:
            return sqlite.trim_journal(connection)

    def merge(self) -> None:
        """Move what SQLite's WAL holds into the file, beside those who read and write; Postgres does so by itself.

        Raises AuditUnavailable.
        """
        if self.kind == "sqlite":
            with _typed("The database cannot be written."), self.engine.connect() as connection:
                sqlite.merge_journal(connection)

    def is_to_be_merged(self) -> bool:
        """Whether SQLite's WAL has grown long enough for that; never of a server."""
        try:
            return self.path is not None and sqlite.has_long_journal(self.path)
        except OSError:
            return False

    def identity(self) -> tuple[tuple[int, int], ...]:
        """Device and inode of the file and of its WAL; of a server nothing. Raises OSError where they are gone."""
        return () if self.path is None else sqlite.identity(self.path)

    def version(self) -> tuple[int, ...] | None:
        """Whoever looks here in vain every second asks for this before it reads: as long as it stays the same, nothing has been
        committed since. None where that cannot be told, as of a server, or so soon after a commit.
        """
        try:
            return None if self.path is None else sqlite.version(self.path)
        except OSError:
            return None

    def close(self) -> None:
        """Safe to call twice. A connection that is still used in a thread is closed as that one is done with it."""
        event.listen(self.engine, "checkin", _close)
        self.engine.dispose()

    def _upgrade(self) -> None:
        with self.connect() as connection:
            if self.kind == "sqlite":
                sqlite.be_patient(connection)
            with connection.begin():
                migrate.upgrade(connection)

    @property
    def _driver(self) -> Any:
        return self.engine.dialect.loaded_dbapi

    @contextmanager
    def _transaction(self, *, durable: bool) -> Iterator[Connection]:
        with self.connect() as connection:
            if not durable and self.kind == "sqlite":
                sqlite.be_quick(connection)
            with connection.begin():
                if not durable and self.kind == "postgres":
                    postgres.be_quick(connection)
                yield connection


def open_database(url: str) -> Database:
    """`sqlite:////absolute/path` or `postgresql://user@host/name`; the schema is made, or brought up to date.

    Raises AuditUnavailable, with a sentence that says why.
    """
    return _opened(url, create=True, first=Database.prepare)


def open_existing(url: str) -> Database:
    """For whoever only reads: makes nothing, and writes nothing. Raises AuditUnavailable."""
    return _opened(url, create=False, first=Database.require_current)


def _opened(url: str, *, create: bool, first: Callable[[Database], None]) -> Database:
    database = _database(url, create=create)
    try:
        first(database)
    except BaseException:
        database.close()
        raise
    return database


def _close(_: Any, record: ConnectionPoolEntry) -> None:
    record.invalidate()


def _database(url: str, *, create: bool) -> Database:
    if url.startswith(_SQLITE):  # not by make_url: a path may hold a question mark
        path = Path(url.removeprefix(_SQLITE))
        return Database(sqlite.sqlite_engine(path, create=create), "sqlite", str(path), path)
    parsed = _postgres_url(url)
    where = f"{parsed.host or parsed.query.get('host') or 'local'}/{parsed.database or ''}"
    with _explained():
        return Database(postgres.postgres_engine(parsed, create=create), "postgres", where)


def _postgres_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername.partition("+")[0] not in ("postgresql", "postgres"):
        raise AuditUnavailable("The database URL must begin with sqlite:/// or postgresql://.")
    return parsed


_REASONS: dict[type[Exception], str] = {
    migrate.MissingSchemaError: "There is no record in this database.",
    migrate.OlderSchemaError: "The database is of an older version: it is brought up to date when a gateway opens it.",
    migrate.NewerSchemaError: "The database is of a newer version than this gateway.",
    migrate.ForeignSchemaError: "The database holds something else.",
    sqlite.WalUnsupportedError: "The file system of the database does not support SQLite's WAL.",
    postgres.NotDurableError: "The Postgres server has fsync off, or does not store UTF-8: it cannot hold a record.",
    postgres.DriverMissingError: "Postgres takes a driver: pip install -e '.[postgres]'.",
}
_TROUBLE: tuple[type[Exception], ...] = (DBAPIError, PoolTimeout, OSError, sqlite3.Error, *_REASONS)


@contextmanager
def _explained() -> Iterator[None]:
    """Says what keeps a database from being opened, by the name of the error where there is no sentence for it."""
    try:
        yield
    except _TROUBLE as error:
        raise AuditUnavailable(_REASONS.get(type(error), f"The database cannot be opened: {name_of(error)}.")) from None


@contextmanager
def _typed(sentence: str) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        _log.error("%s (%s)", sentence, name_of(error))
        raise AuditUnavailable(sentence) from None
