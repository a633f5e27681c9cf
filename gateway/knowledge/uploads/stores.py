"""Vector stores in the database: what their makers say of them is sealed, under a key that goes with the store."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Select, delete, func, select, update

from gateway.errors import InvalidRequest
from gateway.keys.data_key import DataKey, TenantKey
from gateway.knowledge.shelves import read_labels, written_labels
from gateway.knowledge.uploads.shapes import Named, Status, Store, is_over, unnamed
from gateway.knowledge.writing import unshelve
from gateway.moments import written
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import DOCUMENTS, FILE_MENTIONS, STORE_FILES, STORES


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStore:
    owner: str
    labels: frozenset[str]
    named: Named
    days: int | None


def add_store(connection: Connection, owner: TenantKey, new: NewStore, now: datetime) -> str:
    """Its id."""
    key, store, at = owner.new_data_key(), f"vs_{secrets.token_hex(12)}", written(now)
    row = {
        "id": store,
        "tenant": owner.tenant,
        "owner": new.owner,
        "labels": written_labels(new.labels),
        "key_id": key.id,
        "sealed": _sealed(key, store, new.named),
        "days": new.days,
        "made_at": at,
        "active_at": at,
    }
    connection.execute(DATA_KEYS.insert().values(**key.row(at)))
    connection.execute(STORES.insert().values(**row))
    return store


def stores(connection: Connection, owner: TenantKey) -> Sequence[Store]:
    """All of a tenant's, the newest first. Raises Unreadable."""
    rows = connection.execute(_opening(owner).order_by(STORES.c.made_at.desc(), STORES.c.id)).all()
    return [_store(connection, owner, row) for row in rows]


def find_store(connection: Connection, owner: TenantKey, store: str) -> Store | None:
    row = connection.execute(_opening(owner).where(STORES.c.id == store)).first()
    return None if row is None else _store(connection, owner, row)


def change_store(connection: Connection, owner: TenantKey, store: str, named: Named, days: int | None, now: datetime) -> None:
    wake(connection, owner.tenant, store, now)
    key = key_of(connection, owner, store)
    said = {"sealed": _sealed(key, store, named), "days": days, "active_at": written(now)}
    connection.execute(update(STORES).where(STORES.c.id == store).values(**said))


def drop_store(connection: Connection, tenant: str, store: str, now: datetime) -> None:
    """With all documents that are in it."""
    clear_store(connection, tenant, store, now)
    connection.execute(delete(FILE_MENTIONS).where(FILE_MENTIONS.c.tenant == tenant, FILE_MENTIONS.c.file == store))
    gone = delete(STORES).where(STORES.c.id == store, STORES.c.tenant == tenant).returning(STORES.c.key_id)
    keys = connection.execute(gone).scalars().all()
    connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id.in_(keys)))


def clear_store(connection: Connection, tenant: str, store: str, now: datetime) -> None:
    """Take out all documents, also those that an operator put in."""
    inside = select(DOCUMENTS.c.id).where(DOCUMENTS.c.tenant == tenant, DOCUMENTS.c.collection == store)
    unshelve(connection, tenant, connection.execute(inside).scalars().all(), now)
    connection.execute(delete(STORE_FILES).where(STORE_FILES.c.store == store, STORE_FILES.c.tenant == tenant))
    named = FILE_MENTIONS.c.file.startswith(f"{store}/", autoescape=True)
    connection.execute(delete(FILE_MENTIONS).where(FILE_MENTIONS.c.tenant == tenant, named))


def retire_store(connection: Connection, tenant: str, store: str, now: datetime) -> None:
    """Its time is over: it is empty, and nothing is left of what was said of it."""
    clear_store(connection, tenant, store, now)
    connection.execute(delete(FILE_MENTIONS).where(FILE_MENTIONS.c.tenant == tenant, FILE_MENTIONS.c.file == store))
    connection.execute(update(STORES).where(STORES.c.id == store, STORES.c.tenant == tenant).values(sealed=b""))


def wake(connection: Connection, tenant: str, store: str, now: datetime) -> None:
    """Before a change makes a store last again: what its time was over for does not come back with it."""
    this = select(STORES.c.days, STORES.c.active_at).where(STORES.c.id == store, STORES.c.tenant == tenant)
    row = connection.execute(this).first()
    if row is not None and is_over(row.days, row.active_at, now):
        retire_store(connection, tenant, store, now)


def touch(connection: Connection, store: str, now: datetime) -> None:
    connection.execute(update(STORES).where(STORES.c.id == store).values(active_at=written(now)))


def key_of(connection: Connection, owner: TenantKey, store: str) -> DataKey:
    """The key of a store. Raises InvalidRequest where it went meanwhile, and Unreadable."""
    columns = select(STORES.c.key_id, DATA_KEYS.c.wrapped).join(DATA_KEYS, DATA_KEYS.c.id == STORES.c.key_id)
    row = connection.execute(columns.where(STORES.c.id == store, STORES.c.tenant == owner.tenant)).first()
    if row is None or row.wrapped is None:
        raise InvalidRequest("The vector store was deleted meanwhile.")
    return owner.data_key(row.key_id, bytes(row.wrapped))


def _opening(owner: TenantKey) -> Select[Any]:
    columns = select(STORES, DATA_KEYS.c.wrapped).join(DATA_KEYS, DATA_KEYS.c.id == STORES.c.key_id)
    return columns.where(STORES.c.tenant == owner.tenant, DATA_KEYS.c.wrapped.is_not(None))


def _store(connection: Connection, owner: TenantKey, row: Any) -> Store:
    count = select(STORE_FILES.c.status, func.count(), func.sum(STORE_FILES.c.bytes)).where(STORE_FILES.c.store == row.id)
    found = connection.execute(count.group_by(STORE_FILES.c.status)).all()
    labels = read_labels(row.labels)
    return Store(
        id=row.id,
        tenant=row.tenant,
        labels=labels,
        named=_named(owner, row) if row.sealed else unnamed(labels),
        days=row.days,
        made_at=row.made_at,
        active_at=row.active_at,
        counts={Status(status): number for status, number, _ in found},
        bytes=sum(int(size) for _, _, size in found),
    )


def _named(owner: TenantKey, row: Any) -> Named:
    return Named(**orjson.loads(owner.data_key(row.key_id, bytes(row.wrapped)).unseal(bytes(row.sealed), context_of(row.id))))


def _sealed(key: DataKey, store: str, named: Named) -> bytes:
    said = {"name": named.name, "description": named.description, "metadata": dict(named.metadata)}
    return key.seal(orjson.dumps(said), context_of(store))


def context_of(store: str) -> str:
    """What the words of a store are bound to."""
    return f"knowledge/store/{store}"
