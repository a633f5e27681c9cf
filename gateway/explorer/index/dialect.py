"""Where SQLite and Postgres say the same in different modules of SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Connection, Dialect, Insert, LargeBinary, Table, cast
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def insert_many(connection: Connection, statement: Insert, rows: Sequence[tuple[object, ...]]) -> None:
    """Rows in the order of the table's columns. As plain tuples: for a dictionary SQLAlchemy takes longer than the database."""
    if rows:
        dialect: Callable[..., Dialect] = type(connection.dialect)
        style = "qmark" if connection.dialect.name == "sqlite" else "format"
        connection.exec_driver_sql(str(statement.compile(dialect=dialect(paramstyle=style))), list(rows))


def as_stored(connection: Connection, column: ColumnElement[str]) -> ColumnElement[str] | ColumnElement[bytes]:
    """Text as it lies in the file: in SQLite it may have been spoiled, so that it is no UTF-8 and cannot be read as text."""
    return cast(column, LargeBinary) if connection.dialect.name == "sqlite" else column


def text_of(stored: str | bytes) -> str:
    return stored if isinstance(stored, str) else stored.decode("utf-8", "backslashreplace")
