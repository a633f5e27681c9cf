"""Rows of keys: what both dialects of SQL need to be told in their own way."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table, text

from gateway.store.inserts import insert_into


def tenant_context(tenant: str) -> str:
    """What a wrapped tenant's key is bound to."""
    return f"tenant-key/{tenant}"


def insert_once(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert the row, unless there is one in its place already; whether it was inserted."""
    insert = insert_into(connection, table).values(**row).on_conflict_do_nothing()
    return connection.execute(insert, execution_options={"preserve_rowcount": True}).rowcount == 1


def wait_for_others(connection: Connection) -> None:
    """Until this transaction ends, nobody else makes or re-wraps tenants' keys. In SQLite every writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE tenant_keys IN SHARE ROW EXCLUSIVE MODE"))
