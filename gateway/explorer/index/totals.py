"""The index's sums, and where each hour stands in the log, as the database holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, select

from gateway.explorer.index.dialect import FreshInsert, insert_many
from gateway.explorer.index.row import Row
from gateway.explorer.index.sums import Amounts, Grain, Key
from gateway.store.tables.index import INDEX_HOURS, INDEX_SUMS

_AMOUNTS = Amounts._fields


def add_sums(connection: Connection, changes: Mapping[Key, Amounts]) -> None:
    """Add amounts, which may be below 0, to what is there."""
    if not changes:
        return
    # Sorted, so that of two transactions neither waits for what the other has locked.
    rows = [(*key, *amounts) for key, amounts in sorted(changes.items())]
    insert_many(connection, INDEX_SUMS, rows, _added)


def widen_hours(connection: Connection, rows: Iterable[Row]) -> None:
    """Note between which entries the exchanges of an hour stand."""
    spans: dict[str, tuple[int, int]] = {}
    for row in rows:
        hour = Grain.HOUR.period(row.opened_at)
        first, last = spans.get(hour, (row.seq, row.seq))
        spans[hour] = (min(first, row.seq), max(last, row.seq))
    for hour, first, last in connection.execute(select(INDEX_HOURS).where(INDEX_HOURS.c.hour.in_(spans))).all():
        spans[hour] = (min(first, spans[hour][0]), max(last, spans[hour][1]))
    if spans:
        values = [(hour, first, last) for hour, (first, last) in sorted(spans.items())]
        insert_many(connection, INDEX_HOURS, values, _replaced)


def _added(fresh: FreshInsert) -> Mapping[str, ColumnElement[int]]:
    return {name: INDEX_SUMS.c[name] + fresh.excluded[name] for name in _AMOUNTS}


def _replaced(fresh: FreshInsert) -> Mapping[str, ColumnElement[int]]:
    return {"first_seq": fresh.excluded.first_seq, "last_seq": fresh.excluded.last_seq}
