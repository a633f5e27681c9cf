"""Rows of the index as the database holds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

import orjson
from sqlalchemy import ColumnElement, Connection, func, select

from gateway.explorer.index.dialect import FreshInsert, as_stored, delete_many, insert_many, text_of
from gateway.explorer.index.reading import LoggedEntry
from gateway.explorer.index.row import Found, Row
from gateway.store.tables.index import INDEX_EXCHANGES, INDEX_TERMS
from gateway.store.tables.ledger import ENTRIES

_COLUMNS = tuple(column.name for column in INDEX_EXCHANGES.columns)
_PLAIN = _COLUMNS[:-1]
_CHANGING = tuple(name for name in _COLUMNS if name not in {"seq", "call_id"})
_plain = attrgetter(*_PLAIN)

Pair: TypeAlias = tuple[int, int]
"""A term, and the `seq` of an exchange that has it."""


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


def put_rows(connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Rows as `stored` has them; one that is there already is replaced."""
    insert_many(connection, INDEX_EXCHANGES, rows, _replaced)


def add_terms(connection: Connection, pairs: Sequence[Pair]) -> None:
    insert_many(connection, INDEX_TERMS, pairs)


def remove_terms(connection: Connection, pairs: Sequence[Pair]) -> None:
    delete_many(connection, INDEX_TERMS, pairs)


def stored(row: Row) -> tuple[object, ...]:
    """Its columns, in the table's order."""
    found = orjson.dumps([[one.entity, one.operator, one.count] for one in row.found]).decode()
    return (*_plain(row), found)


def _replaced(fresh: FreshInsert) -> Mapping[str, ColumnElement[object]]:
    return {name: fresh.excluded[name] for name in _CHANGING}
