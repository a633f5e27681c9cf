"""Items of answers in the database, in the caller's transaction: kept, and read for whoever was given them.

An id is a backend's word, and some give one out twice. Then it names nothing: which of two items a caller means, nobody knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, func, select, update

from gateway.keys.data_key import TenantKey
from gateway.store.inserts import insert_into
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.vault import VAULT_ITEMS, VAULT_MENTIONS
from gateway.vault.moments import Moments

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Item:
    """What is kept under one id: the item's JSON, and the values of persons and other personal data that it holds."""

    plain: bytes = field(repr=False)
    values: frozenset[str] = field(default=frozenset(), repr=False)


def keep(connection: Connection, owner: TenantKey, items: Mapping[bytes, Item], when: Moments) -> None:
    """`items` by the keyed hashes of their ids."""
    for tag, item in sorted(items.items()):
        key = owner.new_data_key()
        row = {"item": tag, "tenant": owner.tenant, "key_id": key.id, "expires_at": when.end}
        insert = insert_into(connection, VAULT_ITEMS).values(**row, sealed=key.seal(item.plain, _context(tag)))
        fresh = connection.execute(insert.on_conflict_do_nothing().returning(VAULT_ITEMS.c.item)).scalar()
        if fresh is None:
            connection.execute(update(VAULT_ITEMS).where(VAULT_ITEMS.c.item == tag).values(sealed=b""))
            continue
        connection.execute(DATA_KEYS.insert(), [dict(key.row(when.now))])
        subjects = {owner.tag(value) for value in item.values}
        mentions = [{"tenant": owner.tenant, "subject": subject, "item": tag} for subject in sorted(subjects)]
        if mentions:
            connection.execute(VAULT_MENTIONS.insert(), mentions)


def size(connection: Connection, owner: TenantKey, tags: Collection[bytes], now: str) -> int:
    """How many bytes these items have, sealed, which is a little more than they have."""
    sizes = select(func.sum(func.length(VAULT_ITEMS.c.sealed)))
    return sum(connection.execute(sizes.where(*_own(owner, some, now))).scalar() or 0 for some in _batches(sorted(tags)))


def read(connection: Connection, owner: TenantKey, tags: Collection[bytes], now: str) -> Mapping[bytes, bytes]:
    """The JSON of these items. Those that there are not, or no longer, are left out. Raises Unreadable for a changed one."""
    found: dict[bytes, bytes] = {}
    for some in _batches(sorted(tags)):
        sealed = select(VAULT_ITEMS.c.item, VAULT_ITEMS.c.sealed, VAULT_ITEMS.c.key_id, DATA_KEYS.c.wrapped)
        rows = connection.execute(sealed.join(DATA_KEYS, DATA_KEYS.c.id == VAULT_ITEMS.c.key_id).where(*_own(owner, some, now)))
        for tag, content, key_id, wrapped in rows:
            if content and wrapped is not None:
                found[bytes(tag)] = owner.data_key(key_id, wrapped).unseal(bytes(content), _context(bytes(tag)))
    return found


def _own(owner: TenantKey, tags: Sequence[bytes], now: str) -> tuple[ColumnElement[bool], ...]:
    return VAULT_ITEMS.c.item.in_(tags), VAULT_ITEMS.c.tenant == owner.tenant, VAULT_ITEMS.c.expires_at > now


def _context(tag: bytes) -> str:
    """What a sealed item is bound to."""
    return f"vault-item/{tag.hex()}"


def _batches(tags: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for at in range(0, len(tags), _BATCH):
        yield tags[at : at + _BATCH]
