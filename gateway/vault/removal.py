"""Takes out of the vault what has expired, and what is about a person who is erased. With an entry goes the key that opens it.

Numbers stay: what a backend remembers may still hold a placeholder, which from now on stands for nothing. Of an answer's item
nothing stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from gateway.keys.destruction import scrub
from gateway.moments import written
from gateway.store.database import Database
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.vault import VAULT, VAULT_ANSWERS, VAULT_ITEMS, VAULT_MENTIONS, VAULT_NUMBERS

_BATCH = 500
_EVERY_S = 3_600.0

Remove = Callable[[Connection, ColumnElement[bool]], int]
"""Removes some of what a condition is true of, and says how many."""


class VaultErasure:
    """Erases a person's entries: an `Erasable` (gateway.assurance.places)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase(self, tenant: str, tags: Collection[bytes] | None) -> int:
        """How many placeholders stand for nothing now, and items are gone; `tags` None: all of the tenant's.

        Raises AuditUnavailable.
        """
        return await asyncio.to_thread(self._erase, tenant, tags)

    def _erase(self, tenant: str, tags: Collection[bytes] | None) -> int:
        whose = VAULT.c.tenant == tenant
        entries = whose if tags is None else whose & VAULT.c.subject.in_(sorted(tags))
        count = _in_batches(self._database, entries, _remove)
        count += _in_batches(self._database, items_of(tenant, tags), _remove_items)
        if tags is None:
            with self._database.writing() as connection:
                for table in (VAULT_NUMBERS, VAULT_ANSWERS):
                    connection.execute(delete(table).where(table.c.tenant == tenant))
        return count


async def expire_hourly(
    database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC), every_s: float = _EVERY_S
) -> None:
    """Until it is cancelled. Several gateways may do it at once. Raises what a round raises, and can be begun again."""
    while True:
        await asyncio.to_thread(expire, database, clock())
        await asyncio.sleep(every_s)


def expire(database: Database, now: datetime) -> int:
    """How many entries were removed because their time is over. Raises AuditUnavailable or ProtectionUnavailable."""
    count = _in_batches(database, VAULT.c.expires_at <= written(now), _remove)
    count += _in_batches(database, VAULT_ITEMS.c.expires_at <= written(now), _remove_items)
    for table in (VAULT_NUMBERS, VAULT_ANSWERS):
        with database.writing() as connection:
            connection.execute(delete(table).where(table.c.expires_at <= written(now)))
    if count:
        scrub(database)
    return count


def _in_batches(database: Database, which: ColumnElement[bool], remove: Remove) -> int:
    count = 0
    while True:
        with database.writing() as connection:
            removed = remove(connection, which)
        count += removed
        if not removed:
            return count


def items_of(tenant: str, tags: Collection[bytes] | None) -> ColumnElement[bool]:
    """The tenant's items that mention whoever these tags stand for; `tags` None: all of the tenant's."""
    whose = VAULT_ITEMS.c.tenant == tenant
    if tags is None:
        return whose
    mentions = (VAULT_MENTIONS.c.tenant == tenant) & VAULT_MENTIONS.c.subject.in_(sorted(tags))
    return whose & VAULT_ITEMS.c.item.in_(select(VAULT_MENTIONS.c.item).where(mentions))


def _remove_items(connection: Connection, which: ColumnElement[bool]) -> int:
    """Some of these items, with their keys and with whom they mention."""
    columns = select(VAULT_ITEMS.c.item, VAULT_ITEMS.c.key_id)
    some = connection.execute(columns.where(which).limit(_BATCH).with_for_update()).all()
    items, keys = [one.item for one in some], [one.key_id for one in some]
    if some:
        connection.execute(delete(VAULT_ITEMS).where(VAULT_ITEMS.c.item.in_(items)))
        connection.execute(delete(VAULT_MENTIONS).where(VAULT_MENTIONS.c.item.in_(items)))
        connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id.in_(keys)))
    return len(some)


def _remove(connection: Connection, which: ColumnElement[bool]) -> int:
    """Some of these entries, with their keys. What was used again in this moment stays."""
    some = connection.execute(select(VAULT.c.key_id).where(which).limit(_BATCH).with_for_update()).scalars().all()
    if not some:
        return 0
    gone = connection.execute(delete(VAULT).where(VAULT.c.key_id.in_(some), which).returning(VAULT.c.key_id)).scalars().all()
    connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id.in_(gone)))
    return len(gone)
