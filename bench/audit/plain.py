"""The table of entries without a tree, to compare with. In SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.log import Entry
from gateway.store.inserts import first_row
from gateway.store.tables.ledger import ENTRIES

_LAST = "SELECT coalesce(max(seq), 0) FROM entries"


class PlainTable(EntryTable):
    """Writes entries and no leaves, by the batch, in one transaction."""

    def open(self) -> Connection:
        fresh, connection = self._connection is None, super().open()
        if fresh:
            with connection.begin():
                connection.execute(text("DROP TRIGGER IF EXISTS entries_come_with_leaves"))
        return connection

    def _enter(self, entries: Sequence[Entry]) -> list[Fate]:
        connection = self.open()
        with connection.begin():
            (last,) = first_row(connection, _LAST) or (0,)
            rows = [
                (seq, one.call_id, one.phase.value, one.at, one.body, one.kind.value)
                for seq, one in enumerate(entries, last + 1)
            ]
            self._inserts.insert(connection, ENTRIES, rows)
        return [Fate.DURABLE] * len(entries)
