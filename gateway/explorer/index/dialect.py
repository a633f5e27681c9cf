"""Where SQLite and Postgres say the same in different modules of SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Dialect,
    Insert,
    LargeBinary,
    Select,
    Table,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

FreshInsert: TypeAlias = postgresql.Insert | sqlite.Insert
"""An insert that knows ON CONFLICT."""


def insert_into(connection: Connection, table: Table) -> FreshInsert:
    return _insert_into(connection.dialect.name, table)


Merge: TypeAlias = Callable[[FreshInsert], Mapping[str, ColumnElement[Any]]]
"""The columns that change, and to what. A function of a module: statements are remembered by it."""


def insert_many(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]], merge: Merge | None = None) -> None:
    """Rows in the order of the table's columns: text, numbers, truth values and NULL.

    `merge` says what becomes of a row whose key is there already; without it there must be none.

    To SQLite all rows go as one value. By the row, it would hand the interpreter back and wait for it after each of them, with
    the lock in its hand that every exchange waits for.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        text = orjson.dumps(rows)
        if _NUL not in text:
            connection.exec_driver_sql(_from_json(table, merge), (text.decode(),))
            return
    connection.exec_driver_sql(_text_of(connection.dialect.name, table, merge), list(rows))


def delete_many(connection: Connection, table: Table, keys: Sequence[tuple[int, ...]]) -> None:
    """Rows by the numbers that are their primary key; those that are not there are passed over. To SQLite as one value too."""
    if not keys:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_gone_by_json(table), (orjson.dumps(keys).decode(),))
    else:
        connection.exec_driver_sql(_gone_by_row(table), list(keys))


_NUL = b"\\u0000"
"""Where SQLite's reader of JSON ends a text."""


@cache
def _text_of(dialect: str, table: Table, merge: Merge | None) -> str:
    """For the driver, with a mark for each column. Compiling takes longer than the database takes for a hundred rows."""
    fresh = _insert_into(dialect, table)
    return _compiled(dialect, _merging(fresh, table, merge))


@cache
def _from_json(table: Table, merge: Merge | None) -> str:
    """For SQLite: the rows of a list of lists, in one statement. (WHERE, since ON would belong to FROM without it.)"""
    chosen = _rows_of_json(len(table.columns)).where(literal_column("true"))
    fresh = sqlite.insert(table).from_select(list(table.columns), chosen)
    return _compiled("sqlite", _merging(fresh, table, merge))


@cache
def _gone_by_json(table: Table) -> str:
    key = list(table.primary_key.columns)
    return _compiled("sqlite", delete(table).where(tuple_(*key).in_(_rows_of_json(len(key)))))


@cache
def _gone_by_row(table: Table) -> str:
    conditions = [column == bindparam(f"key_{column.name}") for column in table.primary_key.columns]
    return _compiled("postgresql", delete(table).where(*conditions))


def _rows_of_json(width: int) -> Select[Any]:
    row = func.json_each(bindparam("rows")).table_valued("value")
    columns = [func.json_extract(row.c.value, literal_column(f"'$[{nr}]'")) for nr in range(width)]
    return select(*columns).select_from(row)


def _merging(fresh: FreshInsert, table: Table, merge: Merge | None) -> Insert:
    if merge is None:
        return fresh
    key = [column.name for column in table.primary_key.columns]
    return fresh.on_conflict_do_update(index_elements=key, set_=dict(merge(fresh)))


def _compiled(dialect: str, statement: Insert | Delete) -> str:
    styled: Callable[..., Dialect] = sqlite.dialect if dialect == "sqlite" else postgresql.dialect
    return str(statement.compile(dialect=styled(paramstyle="qmark" if dialect == "sqlite" else "format")))


def _insert_into(dialect: str, table: Table) -> FreshInsert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def as_stored(connection: Connection, column: ColumnElement[str]) -> ColumnElement[str] | ColumnElement[bytes]:
    """Text as it lies in the file: in SQLite it may have been spoiled, so that it is no UTF-8 and cannot be read as text."""
    return cast(column, LargeBinary) if connection.dialect.name == "sqlite" else column


def text_of(stored: str | bytes) -> str:
    return stored if isinstance(stored, str) else stored.decode("utf-8", "backslashreplace")
