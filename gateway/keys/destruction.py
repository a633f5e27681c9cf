"""Erasing is destroying keys. Each step is a part of the caller's transaction; `scrub` clears up behind it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, Select, Table, text, update
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import ProtectionUnavailable
from gateway.store.database import Database
from gateway.store.tables import content, knowledge, vault
from gateway.store.tables.content import DATA_KEYS, TENANT_KEYS

_TRIES = 10
_PAUSE_S = 0.1  # beside the time that SQLite itself waits for a lock
_ERASED = tuple(one.name for room in (content, vault, knowledge) for one in vars(room).values() if isinstance(one, Table))
"""The tables in which something of a person may lie: content, tags, placeholders, documents."""


def destroy_data_keys(connection: Connection, key_ids: Collection[str] | Select[str], at: str) -> int:
    """How many there were; `at` is ISO 8601 in UTC. What they sealed cannot be read again by anybody. `key_ids` may be a query:
    Postgres takes 65,535 parameters at most.
    """
    return _destroyed(connection, DATA_KEYS, DATA_KEYS.c.id.in_(key_ids), at)


def destroy_tenant_key(connection: Connection, tenant: str, at: str) -> None:
    """From then on none of the tenant's data keys opens, however many there are; nor is a new one made."""
    _destroyed(connection, TENANT_KEYS, TENANT_KEYS.c.tenant == tenant, at)


def scrub(database: Database) -> None:
    """Let no copy of what was destroyed remain in the database's own files. Raises ProtectionUnavailable where one may.

    SQLite overwrites what is deleted, but its journal has pages as they were: it is merged and cut to nothing, for which no
    reader may be in the way. In Postgres dead rows are vacuumed; its WAL, replicas and backups age out by themselves.
    """
    if database.kind == "postgres":
        _vacuum(database)
        return
    for _ in range(_TRIES):
        if database.scrub():
            return
        time.sleep(_PAUSE_S)
    raise ProtectionUnavailable("The database's journal is in use and cannot be cut: run the same again.")


def _destroyed(connection: Connection, table: Table, which: ColumnElement[bool], at: str) -> int:
    alive = update(table).where(which, table.c.wrapped.is_not(None))
    return connection.execute(alive.values(wrapped=None, destroyed_at=at)).rowcount


def _vacuum(database: Database) -> None:
    """On a connection that is thrown away afterwards: cleaning a large table takes longer than a statement may."""
    with _typed(), database.engine.connect() as connection:
        cleaning = connection.execution_options(isolation_level="AUTOCOMMIT")
        cleaning.detach()
        cleaning.execute(text("SET statement_timeout = 0"))
        for name in _ERASED:
            cleaning.execute(text(f"VACUUM {name}"))


@contextmanager
def _typed() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError:
        raise ProtectionUnavailable("The database's tables cannot be vacuumed: run the same again.") from None
