"""Statements for the way of a request: compiled once, and given to the driver by the batch.

SQLAlchemy knows of the transaction, and of nothing in it: its part of an ordinary statement takes longer than SQLite's. Errors
are those of the driver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Row: TypeAlias = tuple[Table, Mapping[str, object]]


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows ON CONFLICT, which the two dialects keep in modules of their own."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def first_row(connection: Connection, query: str) -> tuple[Any, ...] | None:
    """Raises the driver's error."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(query)
        return cursor.fetchone()
    finally:
        cursor.close()


class Inserts:
    """The inserts of one dialect. Values go to the driver as they are: text, numbers and bytes."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, bool, tuple[str, ...]], str] = {}

    def insert(self, connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
        """Rows with a value for each column, in the table's order. Raises the driver's error."""
        columns = tuple(table.columns.keys())
        _execute(connection, self._statement(connection, table, columns, skip=False), rows)

    def insert_new(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Rows of any tables, but for those that are there already. Raises the driver's error."""
        groups: dict[tuple[Table, tuple[str, ...]], list[tuple[object, ...]]] = {}
        for table, values in rows:
            columns = tuple(name for name in table.columns.keys() if name in values)  # noqa: SIM118
            groups.setdefault((table, columns), []).append(tuple(values[name] for name in columns))
        for (table, columns), group in groups.items():
            _execute(connection, self._statement(connection, table, columns, skip=True), group)

    def _statement(self, connection: Connection, table: Table, columns: tuple[str, ...], *, skip: bool) -> str:
        key = (table.name, skip, columns)
        found = self._compiled.get(key)
        if found is None:
            insert = insert_into(connection, table)
            compiled = (insert.on_conflict_do_nothing() if skip else insert).compile(
                dialect=connection.dialect, column_keys=list(columns)
            )
            found = self._compiled[key] = compiled.string
        return found


def _execute(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(statement, rows)
    finally:
        cursor.close()
