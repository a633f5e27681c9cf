"""Rows of the index as the database holds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, select, update

from gateway.explorer.index.dialect import as_stored, insert_many, text_of
from gateway.explorer.index.reading import LoggedEntry
from gateway.explorer.index.row import Found, Row
from gateway.explorer.index.terms import terms_of
from gateway.store.tables.index import INDEX_EXCHANGES, INDEX_TERMS
from gateway.store.tables.ledger import ENTRIES

_COLUMNS = tuple(column.name for column in INDEX_EXCHANGES.columns)
_PLAIN = _COLUMNS[:-1]
_CHANGING = tuple(name for name in _COLUMNS if name not in {"seq", "call_id"})
_NEW_COLUMNS = tuple(f"new_{name}" for name in _COLUMNS)
_CHANGED = (
    update(INDEX_EXCHANGES)
    .where(INDEX_EXCHANGES.c.seq == bindparam("new_seq"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_plain = attrgetter(*_PLAIN)


def entries_after(connection: Connection, seq: int, limit: int) -> tuple[int, tuple[LoggedEntry, ...]]:
    """The next entries of the log: the `seq` of the last one (the given one, where there is none), and those of exchanges."""
    columns = ENTRIES.c
    texts = [as_stored(connection, column) for column in (columns.call_id, columns.phase, columns.at, columns.body)]
    query = select(columns.seq, columns.kind, *texts).where(columns.seq > seq).order_by(columns.seq).limit(limit)
    found = connection.execute(query).all()
    entries = (LoggedEntry(number, *map(text_of, stored)) for number, kind, *stored in found if kind == "exchange")
    return (found[-1][0] if found else seq), tuple(entries)


def last_entry(connection: Connection) -> int:
    """The `seq` at the end of the log, 0 of an empty one."""
    return int(connection.execute(select(func.coalesce(func.max(ENTRIES.c.seq), 0))).scalar_one())


def rows_of_calls(connection: Connection, calls: Collection[str]) -> dict[str, Row]:
    """By call: those that the index has."""
    found = connection.execute(select(INDEX_EXCHANGES).where(INDEX_EXCHANGES.c.call_id.in_(calls))).mappings()
    return {row.call_id: row for row in map(row_from, found)}


def row_from(stored: Mapping[Any, Any]) -> Row:
    found = tuple(Found(*one) for one in orjson.loads(stored["found"]))
    return Row(**{name: stored[name] for name in _PLAIN}, found=found)


def put(connection: Connection, before: Mapping[str, Row], after: Iterable[Row]) -> None:
    """Enter exchanges, some of which the index has in an earlier state."""
    rows = tuple(after)
    fresh = [row for row in rows if row.call_id not in before]
    changed = [row for row in rows if row.call_id in before]
    _insert(connection, fresh)
    _update(connection, changed)
    added = [(term, row.seq) for row in fresh for term in terms_of(row)]
    gone = []
    for row in changed:
        old, new = terms_of(before[row.call_id]), terms_of(row)
        gone += [(term, row.seq) for term in old - new]
        added += [(term, row.seq) for term in new - old]
    _remove_terms(connection, gone)
    _add_terms(connection, added)


def _insert(connection: Connection, rows: Sequence[Row]) -> None:
    insert_many(connection, INDEX_EXCHANGES, [_stored(row) for row in rows])


def _update(connection: Connection, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(_CHANGED, [dict(zip(_NEW_COLUMNS, _stored(row), strict=True)) for row in rows])


def _remove_terms(connection: Connection, pairs: Sequence[tuple[int, int]]) -> None:
    if pairs:
        columns = INDEX_TERMS.c
        query = delete(INDEX_TERMS).where(columns.term == bindparam("gone"), columns.seq == bindparam("at"))
        connection.execute(query, [{"gone": term, "at": seq} for term, seq in pairs])


def _add_terms(connection: Connection, pairs: Sequence[tuple[int, int]]) -> None:
    # In the order of the table: neighbours go to the same page of it.
    insert_many(connection, INDEX_TERMS, sorted(pairs))


def _stored(row: Row) -> tuple[object, ...]:
    found = orjson.dumps([[one.entity, one.operator, one.count] for one in row.found]).decode()
    return (*_plain(row), found)
