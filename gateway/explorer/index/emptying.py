"""Empties the index a piece at a time: one large deletion would keep the record of exchanges waiting for the write lock."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, tuple_

from gateway.store.tables.index import INDEX_EXCHANGES, INDEX_HOURS, INDEX_SUMS, INDEX_TERMS

_TABLES = (INDEX_TERMS, INDEX_EXCHANGES, INDEX_SUMS, INDEX_HOURS)


def remove_piece(connection: Connection, limit: int) -> int:
    """Delete up to so many rows; how many there were to delete, 0 when nothing is left."""
    for table in _TABLES:
        key = list(table.primary_key.columns)
        piece = select(*key).limit(limit)
        chosen = key[0].in_(piece) if len(key) == 1 else tuple_(*key).in_(piece)
        removed = connection.execute(delete(table).where(chosen)).rowcount
        if removed:
            return removed
    return 0
