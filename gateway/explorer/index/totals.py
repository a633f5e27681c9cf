"""The index's sums, and where each hour stands in the log, as the database holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, select

from gateway.explorer.index.dialect import FreshInsert, insert_many
from gateway.explorer.index.row import Row
from gateway.explorer.index.sums import Amounts, Grain, Key
from gateway.store.tables.index import INDEX_HOURS, INDEX_SUMS

_AMOUNTS = Amounts._fields

Hour: TypeAlias = tuple[str, int, int]
"""An hour, and the `seq` of the first and of the last exchange that opened in it."""


def sums_of(changes: Mapping[Key, Amounts]) -> tuple[tuple[object, ...], ...]:
    """Rows for `add_sums`: sorted, so that of two transactions neither waits for what the other has locked."""
    return tuple((*key, *amounts) for key, amounts in sorted(changes.items()))


def add_sums(connection: Connection, sums: Sequence[tuple[object, ...]]) -> None:
    """Add amounts, which may be below 0, to what is there."""
    insert_many(connection, INDEX_SUMS, sums, _added)


def hours_of(connection: Connection, rows: Iterable[Row]) -> tuple[Hour, ...]:
    """Between which entries the exchanges of an hour stand: these, and those that are known of it. Sorted."""
    spans: dict[str, tuple[int, int]] = {}
    for row in rows:
        hour = Grain.HOUR.period(row.opened_at)
        first, last = spans.get(hour, (row.seq, row.seq))
        spans[hour] = (min(first, row.seq), max(last, row.seq))
    for hour, first, last in connection.execute(select(INDEX_HOURS).where(INDEX_HOURS.c.hour.in_(spans))).all():
        spans[hour] = (min(first, spans[hour][0]), max(last, spans[hour][1]))
    return tuple((hour, first, last) for hour, (first, last) in sorted(spans.items()))


def put_hours(connection: Connection, hours: Sequence[Hour]) -> None:
    insert_many(connection, INDEX_HOURS, hours, _replaced)


def _added(fresh: FreshInsert) -> Mapping[str, ColumnElement[int]]:
    return {name: INDEX_SUMS.c[name] + fresh.excluded[name] for name in _AMOUNTS}


def _replaced(fresh: FreshInsert) -> Mapping[str, ColumnElement[int]]:
    return {"first_seq": fresh.excluded.first_seq, "last_seq": fresh.excluded.last_seq}
