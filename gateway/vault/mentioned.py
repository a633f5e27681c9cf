"""Which items of answers mention a person, for that person's rights: found as an erasure finds them. Reads only, opens none."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func, select, tuple_

from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.vault import VAULT_ITEMS, VAULT_MENTIONS
from gateway.vault.removal import items_of

_BATCH = 200


class Closed(StrEnum):
    """Why nothing of an item can be shown."""

    ERASED = "erased"
    """The key that opened it was destroyed."""
    ID_GIVEN_TWICE = "id_given_twice"
    """A backend gave its id to another item as well, and nothing was kept of either."""
    UNREADABLE = "unreadable"
    """It was changed or put in another one's place, or its key was: it does not open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MentioningItem:
    """Moments are ISO 8601 in UTC; `kept_at` is None where the key has no row. `closed` is as far as it shows from outside."""

    item: bytes
    tenant: str
    kept_at: str | None
    kept_until: str
    closed: Closed | None


def count_mentioning(connection: Connection, tenant: str, tags: Collection[bytes], now: str) -> int:
    """How many of the tenant's items mention whoever these tags stand for and are kept beyond `now`."""
    query = select(func.count()).select_from(VAULT_ITEMS).where(items_of(tenant, tags), VAULT_ITEMS.c.expires_at > now)
    return int(connection.execute(query).scalar_one())


def mentioning(connection: Connection, tenant: str, tags: Collection[bytes], now: str) -> Iterator[MentioningItem]:
    """These items, in batches, those first that go first."""
    columns = (VAULT_ITEMS.c.item, VAULT_ITEMS.c.expires_at, DATA_KEYS.c.made_at)
    erased, empty = DATA_KEYS.c.wrapped.is_(None), func.length(VAULT_ITEMS.c.sealed) == 0
    rows = select(*columns, erased.label("erased"), empty.label("empty")).outerjoin_from(
        VAULT_ITEMS, DATA_KEYS, DATA_KEYS.c.id == VAULT_ITEMS.c.key_id
    )
    place = tuple_(VAULT_ITEMS.c.expires_at, VAULT_ITEMS.c.item)
    first = rows.where(items_of(tenant, tags), VAULT_ITEMS.c.expires_at > now).order_by(*place.clauses).limit(_BATCH)
    found = connection.execute(first).all()
    while found:
        for one in found:
            closed = Closed.ERASED if one.erased else Closed.ID_GIVEN_TWICE if one.empty else None
            yield MentioningItem(
                item=bytes(one.item), tenant=tenant, kept_at=one.made_at, kept_until=one.expires_at, closed=closed
            )
        found = connection.execute(first.where(place > (found[-1].expires_at, found[-1].item))).all()


def mentioned_by(connection: Connection, tenant: str, item: bytes) -> frozenset[bytes]:
    """The tags of all whom an item mentions, and of other personal data in it."""
    whose = (VAULT_MENTIONS.c.tenant == tenant, VAULT_MENTIONS.c.item == item)
    return frozenset(map(bytes, connection.execute(select(VAULT_MENTIONS.c.subject).where(*whose)).scalars()))
