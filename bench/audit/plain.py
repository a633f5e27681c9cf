"""The table of entries without a tree, to compare with."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gateway.audit.log import Entry
from gateway.audit.schema import transaction
from gateway.audit.sqlite_table import EntryTable, Fate

_NEVER_YIELD = """CREATE TRIGGER IF NOT EXISTS entries_never_yield BEFORE INSERT ON entries
                    WHEN EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq OR (call_id = NEW.call_id AND phase = NEW.phase))
                    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"""


class PlainTable(EntryTable):
    """Writes entries as the log did before it had a tree: one insert each, in one transaction."""

    def open(self) -> sqlite3.Connection:
        fresh, connection = self._connection is None, super().open()
        if not fresh:
            return connection
        connection.execute("DROP TRIGGER IF EXISTS entries_come_with_leaves")
        connection.execute(_NEVER_YIELD)
        return connection

    def _enter(self, entries: Sequence[Entry]) -> list[Fate]:
        connection = self.open()
        with transaction(connection):
            for entry in entries:
                connection.execute(
                    "INSERT INTO entries (call_id, phase, at, body, kind) VALUES (?, ?, ?, ?, ?)",
                    (entry.call_id, entry.phase.value, entry.at, entry.body, entry.kind.value),
                )
        return [Fate.DURABLE] * len(entries)
