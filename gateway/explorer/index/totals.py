"""The index's sums, and where each hour stands in the log, as the database holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Table, select

from gateway.explorer.index.dialect import insert_into, insert_many
from gateway.explorer.index.row import Row
from gateway.explorer.index.sums import Amounts, Grain, Key
from gateway.store.tables.index import INDEX_HOURS, INDEX_SUMS

_AMOUNTS = Amounts._fields


def add_sums(connection: Connection, changes: Mapping[Key, Amounts]) -> None:
    """Add amounts, which may be below 0, to what is there."""
    if not changes:
        return
    fresh = insert_into(connection, INDEX_SUMS)
    added = {name: INDEX_SUMS.c[name] + fresh.excluded[name] for name in _AMOUNTS}
    # Sorted, so that of two transactions neither waits for what the other has locked.
    rows = [(*key, *amounts) for key, amounts in sorted(changes.items())]
    insert_many(connection, fresh.on_conflict_do_update(index_elements=_key_columns(INDEX_SUMS), set_=added), rows)


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
        fresh = insert_into(connection, INDEX_HOURS)
        kept = {"first_seq": fresh.excluded.first_seq, "last_seq": fresh.excluded.last_seq}
        values = [(hour, first, last) for hour, (first, last) in sorted(spans.items())]
        insert_many(connection, fresh.on_conflict_do_update(index_elements=_key_columns(INDEX_HOURS), set_=kept), values)


def _key_columns(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]
