"""Reads a drawer. What another process wrote and committed is seen at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, LargeBinary, Select, Text, and_, literal, or_, select, union_all

from gateway.keys.data_key import TenantKey
from gateway.redaction.placeholders import Key
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.vault import VAULT, VAULT_ANSWERS, VAULT_NUMBERS
from gateway.vault.drawer import Drawer, context_of
from gateway.vault.found import Entry, Found

_Item = TypeVar("_Item")
_BATCH = 1_000
"""Values in one statement: drivers have a limit."""
_NUMBER = -1


def look_up(connection: Connection, drawer: Drawer, tags: Sequence[bytes]) -> Found:
    """The entries of these values, and the drawer's highest numbers: one statement, unless there are very many values."""
    entries: dict[bytes, list[Entry]] = {}
    highest: dict[str, int] = {}
    for some in _batches(tags):
        for tag, nth, entity, number, expires_at in connection.execute(_query(drawer, some)):
            if nth == _NUMBER:
                highest[entity] = number
            else:
                entries.setdefault(bytes(tag), []).append(Entry((entity, number), bytes(tag), nth, expires_at))
    for known in entries.values():
        known.sort(key=lambda entry: entry.nth)
    return Found(entries, highest)


def recall(connection: Connection, drawer: Drawer, owner: TenantKey, keys: Collection[Key], now: str) -> Mapping[Key, str]:
    """The values that these placeholders stand for in this drawer, where it has them still.

    Raises Unreadable for one that was changed or moved.
    """
    found: dict[Key, str] = {}
    for some in _batches(sorted(keys)):
        for entity, number, sealed, key_id, wrapped in connection.execute(_sealed(drawer, some, now)):
            if wrapped is not None:
                opened = owner.data_key(key_id, wrapped).unseal(bytes(sealed), context_of(drawer, (entity, number)))
                found[entity, number] = opened.decode("utf-8", "surrogatepass")
    return found


def subjects_of(connection: Connection, drawer: Drawer, keys: Collection[Key]) -> frozenset[bytes]:
    """The tags of those for whom these placeholders stand in this drawer. No value is opened."""
    found: set[bytes] = set()
    for some in _batches(sorted(keys)):
        own = (VAULT.c.drawer == drawer.id, VAULT.c.tenant == drawer.tenant, _any_of(some))
        found.update(map(bytes, connection.execute(select(VAULT.c.subject).where(*own)).scalars()))
    return frozenset(found)


def drawer_of_answer(connection: Connection, tenant: str, answer: bytes, now: str) -> Drawer | None:
    """The drawer of the conversation that an answer belongs to."""
    own = (VAULT_ANSWERS.c.answer == answer, VAULT_ANSWERS.c.tenant == tenant, VAULT_ANSWERS.c.expires_at > now)
    found = connection.execute(select(VAULT_ANSWERS.c.drawer).where(*own)).scalar()
    return None if found is None else Drawer(tenant, bytes(found))


def _query(drawer: Drawer, tags: Sequence[bytes]) -> Select[bytes, int, str, int, str]:
    numbers = select(
        literal(b"", LargeBinary).label("tag"),
        literal(_NUMBER).label("nth"),
        VAULT_NUMBERS.c.entity,
        VAULT_NUMBERS.c.last.label("number"),
        literal("", Text).label("expires_at"),
    ).where(VAULT_NUMBERS.c.drawer == drawer.id)
    if not tags:
        return numbers
    entries = select(VAULT.c.tag, VAULT.c.nth, VAULT.c.entity, VAULT.c.number, VAULT.c.expires_at).where(
        VAULT.c.drawer == drawer.id, VAULT.c.tag.in_(tags)
    )
    both = union_all(entries, numbers).subquery()
    return select(both.c.tag, both.c.nth, both.c.entity, both.c.number, both.c.expires_at)


def _sealed(drawer: Drawer, keys: Sequence[Key], now: str) -> Select[str, int, bytes, str, bytes]:
    return (
        select(VAULT.c.entity, VAULT.c.number, VAULT.c.sealed, VAULT.c.key_id, DATA_KEYS.c.wrapped)
        .join(DATA_KEYS, DATA_KEYS.c.id == VAULT.c.key_id)
        .where(VAULT.c.drawer == drawer.id, VAULT.c.tenant == drawer.tenant, VAULT.c.expires_at > now, _any_of(keys))
    )


def _any_of(keys: Sequence[Key]) -> ColumnElement[bool]:
    numbers: dict[str, list[int]] = {}
    for entity, number in keys:
        numbers.setdefault(entity, []).append(number)
    return or_(*(and_(VAULT.c.entity == entity, VAULT.c.number.in_(some)) for entity, some in numbers.items()))


def _batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """At least one, also of nothing."""
    for at in range(0, max(len(items), 1), _BATCH):
        yield items[at : at + _BATCH]
