"""Where SQLite and Postgres say the same in different modules of SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Dialect, Insert, LargeBinary, Table, cast
from sqlalchemy.dialects import postgresql, sqlite

FreshInsert: TypeAlias = postgresql.Insert | sqlite.Insert
"""An insert that knows ON CONFLICT."""


def insert_into(connection: Connection, table: Table) -> FreshInsert:
    return _insert_into(connection.dialect.name, table)


def insert_many(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]], merge: Merge | None = None) -> None:
    """Rows in the order of the table's columns. As plain tuples: for a dictionary SQLAlchemy takes longer than the database.

    `merge` says what becomes of a row whose key is there already; without it there must be none.
    """
    if rows:
        connection.exec_driver_sql(_text_of(connection.dialect.name, table, merge), list(rows))


Merge: TypeAlias = Callable[[FreshInsert], Mapping[str, ColumnElement[int]]]
"""The columns that change, and to what. A function of a module: statements are remembered by it."""


@cache
def _text_of(dialect: str, table: Table, merge: Merge | None) -> str:
    """For the driver. Compiling takes longer than the database takes for a hundred rows."""
    fresh = _insert_into(dialect, table)
    statement: Insert = fresh
    if merge is not None:
        key = [column.name for column in table.primary_key.columns]
        statement = fresh.on_conflict_do_update(index_elements=key, set_=dict(merge(fresh)))
    styled: Callable[..., Dialect] = sqlite.dialect if dialect == "sqlite" else postgresql.dialect
    return str(statement.compile(dialect=styled(paramstyle="qmark" if dialect == "sqlite" else "format")))


def _insert_into(dialect: str, table: Table) -> FreshInsert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def as_stored(connection: Connection, column: ColumnElement[str]) -> ColumnElement[str] | ColumnElement[bytes]:
    """Text as it lies in the file: in SQLite it may have been spoiled, so that it is no UTF-8 and cannot be read as text."""
    return cast(column, LargeBinary) if connection.dialect.name == "sqlite" else column


def text_of(stored: str | bytes) -> str:
    return stored if isinstance(stored, str) else stored.decode("utf-8", "backslashreplace")
