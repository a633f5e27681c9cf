"""What makers say of vector stores and the files in them: names, descriptions, metadata, attributes. It may name people, so
it is noted whom, by keyed tags, and it goes when one of them is erased.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import orjson
from sqlalchemy import Connection, delete, select, update

from gateway.keys.data_key import DataKey, TenantKey
from gateway.knowledge.named import is_named
from gateway.knowledge.uploads.shapes import LABELS, Attributes, Named
from gateway.knowledge.uploads.store_files import context_of as attributes_context
from gateway.knowledge.uploads.store_files import store_files
from gateway.knowledge.uploads.stores import context_of, find_store, key_of
from gateway.moments import utc_now
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import FILE_MENTIONS, STORE_FILES, STORES


def words_of(named: Named) -> list[str]:
    """All texts in it."""
    return [named.name, named.description, *_texts(named.metadata)]


def words_in(attributes: Attributes) -> list[str]:
    return list(_texts(attributes))


def note(connection: Connection, tenant: str, place: str, tags: Collection[bytes]) -> None:
    """Whose values stand there now: `place` is a store, or `store/file`."""
    connection.execute(delete(FILE_MENTIONS).where(FILE_MENTIONS.c.tenant == tenant, FILE_MENTIONS.c.file == place))
    if tags:
        connection.execute(FILE_MENTIONS.insert(), [{"tenant": tenant, "tag": tag, "file": place} for tag in sorted(tags)])


def places_of(connection: Connection, owner: TenantKey, tags: Collection[bytes], store: str) -> frozenset[str]:
    """The places in a store in which one of these people is named: was noted, or stands there though nobody noted it. Raises
    Unreadable.
    """
    of = FILE_MENTIONS.c
    inside = (of.file == store) | of.file.startswith(f"{store}/", autoescape=True)
    noted = select(of.file).distinct().where(of.tenant == owner.tenant, of.tag.in_(sorted(tags)), inside)
    said = {place for place, text in _said(connection, owner, store) if is_named(owner, tags, text)}
    return frozenset(said.union(connection.execute(noted).scalars()))


def _said(connection: Connection, owner: TenantKey, store: str) -> Iterator[tuple[str, str]]:
    """Every text by the place where it stands. Labels are policy's, and stay."""
    found = find_store(connection, owner, store)
    if found is None:
        return
    named = replace(found.named, metadata={name: value for name, value in found.named.metadata.items() if name != LABELS})
    yield from ((store, text) for text in words_of(named))
    for file in store_files(connection, owner, store):
        yield from ((f"{store}/{file.file}", text) for text in words_in(file.attributes))


def forget_words(connection: Connection, owner: TenantKey, store: str, places: Collection[str]) -> None:
    """Leave nothing of what is said there. The rest is sealed anew: the key that opened all of it goes."""
    old, new = key_of(connection, owner, store), owner.new_data_key()
    connection.execute(DATA_KEYS.insert().values(**new.row(utc_now())))
    _store_anew(connection, store, old, new, forgotten=store in places)
    for file in connection.execute(select(STORE_FILES.c.file).where(STORE_FILES.c.store == store)).scalars().all():
        _file_anew(connection, (store, file), old, new, forgotten=f"{store}/{file}" in places)
    connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id == old.id))
    gone = (FILE_MENTIONS.c.tenant == owner.tenant, FILE_MENTIONS.c.file.in_(list(places)))
    connection.execute(delete(FILE_MENTIONS).where(*gone))


def _store_anew(connection: Connection, store: str, old: DataKey, new: DataKey, *, forgotten: bool) -> None:
    this, context = STORES.c.id == store, context_of(store)
    sealed = bytes(connection.execute(select(STORES.c.sealed).where(this)).scalar_one())
    kept = b"" if forgotten or not sealed else new.seal(old.unseal(sealed, context), context)
    connection.execute(update(STORES).where(this).values(sealed=kept, key_id=new.id))


def _file_anew(connection: Connection, place: tuple[str, str], old: DataKey, new: DataKey, *, forgotten: bool) -> None:
    store, file = place
    this, context = (STORE_FILES.c.store == store, STORE_FILES.c.file == file), attributes_context(store, file)
    sealed = bytes(connection.execute(select(STORE_FILES.c.attributes).where(*this)).scalar_one())
    plain = orjson.dumps({}) if forgotten else old.unseal(sealed, context)
    connection.execute(update(STORE_FILES).where(*this).values(attributes=new.seal(plain, context)))


def _texts(said: Mapping[str, object]) -> Iterator[str]:
    for name, value in said.items():
        yield name
        if isinstance(value, str):
            yield value
