"""The table of entries, in SQLite or Postgres; one thread at a time writes through it, and any number of processes.

An entry is durable when its transaction is committed: SQLite and Postgres each sync their WAL then. SQLite keeps writing to a
file that was deleted or moved away, so after each commit we look whether the file is still the one that we opened. In Postgres
one advisory lock puts writers in a row, as SQLite's write lock does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from gateway.audit.faults import leaves_connection_intact, lost_connection, worth_trying_alone
from gateway.audit.ledger import DamagedTreeError, Growth, Tail, ends_with, grown, tail_of
from gateway.audit.log import Entry
from gateway.errors import AuditUnavailable
from gateway.store.database import Database
from gateway.store.inserts import Inserts
from gateway.store.tables.ledger import ENTRIES, LEAVES
from gateway.store.trouble import name_of

_LOCK = "SELECT pg_advisory_xact_lock(7166122428192811380)"  # a number of our own: "cs.audit" in bytes
_PROBES = {
    "sqlite": "PRAGMA user_version = 4",  # writes a page, also when it stays the same
    "postgres": "UPDATE alembic_version SET version_num = version_num",
}


class Fate(Enum):
    """What became of an entry."""

    DURABLE = "durable"
    REFUSED = "refused"  # another entry has its place: trying again cannot help
    FAILED = "failed"  # the database is at fault: trying again may help


class EntryTable:
    """Connects when it needs to, and again after trouble. `trouble` names what went wrong last.

    A new file is its owner's alone; the mode of one that is there is left as it was set.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._inserts = Inserts()
        self._errors: tuple[type[Exception], ...] = (*database.errors, DamagedTreeError, OSError)
        self._conflicts = database.conflicts
        self._connection: Connection | None = None
        self._opened: tuple[tuple[int, int], ...] = ()
        self._tail = Tail()
        self.trouble = ""

    @property
    def where(self) -> str:
        """The name of the database, for people."""
        return self._database.where

    @property
    def place(self) -> str:
        """What tells the database from others."""
        return self._database.place

    def open(self) -> Connection:
        """The connection. Raises AuditUnavailable."""
        if self._connection is None:
            try:
                self._database.prepare()
                self._connection = self._database.connect()
                with self._connection.begin():
                    self._tail = tail_of(self._connection)
                self._opened = self._database.identity()
            except self._errors as error:
                self._give_up(error)
                raise AuditUnavailable("The audit log cannot be opened.") from None
            except AuditUnavailable as error:
                self.trouble = error.message
                raise
        return self._connection

    def write(self, entries: Sequence[Entry]) -> list[Fate]:
        """Write entries in one transaction, or one by one where one of them may be in the way of the others.

        The connection is kept for as long as it lasts, and a server may have been restarted meanwhile: where it is lost, all is
        written once more over another. What had been committed all the same is found again, and entered no second time.
        """
        try:
            fates = self._enter_over_another(entries)
        except AuditUnavailable:
            return [Fate.FAILED] * len(entries)
        except self._errors as error:
            self._give_up(error)
            if len(entries) > 1 and worth_trying_alone(error):
                return [fate for entry in entries for fate in self.write([entry])]
            return [Fate.FAILED] * len(entries)
        return fates if self._in_place() else [Fate.FAILED] * len(entries)

    @property
    def size(self) -> int:
        """How many entries the log had when it was last written to."""
        return self._tail.frontier.size

    @contextmanager
    def locked(self) -> Iterator[tuple[Connection, Tail]]:
        """A transaction in which nobody else writes, and where the log ends now. Raises AuditUnavailable."""
        connection = self.open()
        try:
            with self._turn(connection) as tail:
                yield connection, tail
        except self._errors as error:
            self._give_up(error)
            raise AuditUnavailable("The audit log cannot be written.") from None
        if not self._in_place():
            raise AuditUnavailable("The audit log was removed or replaced.")

    def probe(self) -> bool:
        """Whether a durable write succeeds now. Writes to the disk, and no entry."""
        try:
            connection = self.open()
            with connection.begin():
                connection.exec_driver_sql(_PROBES[self._database.kind])
        except AuditUnavailable:
            return False
        except self._errors as error:
            self._give_up(error)
            return False
        return self._in_place()

    def close(self) -> None:
        """Safe to call twice. SQLite merges the WAL into the file where the disk allows it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                connection.close()

    def _enter_over_another(self, entries: Sequence[Entry]) -> list[Fate]:
        """As `_enter`, and again where the connection was lost."""
        try:
            return self._enter(entries)
        except self._errors as error:
            if not lost_connection(error):
                raise
            self._give_up(error)
        return self._enter(entries)

    def _enter(self, entries: Sequence[Entry]) -> list[Fate]:
        connection = self.open()
        try:
            with self._turn(connection) as tail:
                growth = grown(tail, entries)
                self._insert(connection, growth, entries)
            self._tail = growth.tail  # not before the commit: what was rolled back is no part of the tree
        except self._conflicts:  # one of them, or what it came with, is there already
            return self._sort_out(connection, entries)
        return [Fate.DURABLE] * len(entries)

    def _sort_out(self, connection: Connection, entries: Sequence[Entry]) -> list[Fate]:
        """Each entry, and what it brings along, by itself, still in one transaction."""
        fates = []
        with self._turn(connection) as tail:
            for entry in entries:
                try:
                    with connection.begin_nested():
                        growth = grown(tail, [entry])
                        self._insert(connection, growth, [entry])
                    tail, fate = growth.tail, Fate.DURABLE
                except self._conflicts:
                    fate = Fate.DURABLE if _holds(connection, entry) else Fate.REFUSED
                fates.append(fate)
        self._tail = tail
        return fates

    def _insert(self, connection: Connection, growth: Growth, entries: Sequence[Entry]) -> None:
        self._inserts.insert(connection, LEAVES, growth.leaves)
        self._inserts.insert(connection, ENTRIES, growth.entries)
        self._inserts.insert_new(connection, (row for entry in entries for row in entry.beside))

    @contextmanager
    def _turn(self, connection: Connection) -> Iterator[Tail]:
        """A transaction in which nobody else writes. Where another process wrote before, the end of the log is read anew."""
        with connection.begin():
            if self._database.kind == "postgres":
                connection.exec_driver_sql(_LOCK)
            if not ends_with(connection, self._tail):
                self._tail = tail_of(connection)
            yield self._tail

    def _in_place(self) -> bool:
        with contextlib.suppress(OSError):
            if self._database.identity() == self._opened:
                return True
        self.trouble = "the file was removed or replaced"
        self.close()
        return False

    def _give_up(self, error: Exception) -> None:
        self.trouble = name_of(error)
        if self._connection is not None and not (leaves_connection_intact(error) and _rolled_back(self._connection)):
            self.close()


def _rolled_back(connection: Connection) -> bool:
    """A commit that failed may leave its transaction open."""
    with contextlib.suppress(Exception):  # whatever it is, the connection is not fit for use then
        connection.connection.rollback()
        return True
    return False


def _holds(connection: Connection, entry: Entry) -> bool:
    query = select(ENTRIES.c.body).where(ENTRIES.c.call_id == entry.call_id, ENTRIES.c.phase == entry.phase.value)
    return connection.execute(query).scalar_one_or_none() == entry.body
