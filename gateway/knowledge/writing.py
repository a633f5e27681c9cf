"""Puts documents on their shelves and takes them off, in the caller's transaction. With a row goes the key that opens it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from gateway.keys.data_key import TenantKey
from gateway.keys.rows import insert_once
from gateway.knowledge.chunk_names import chunk_name
from gateway.knowledge.library import NewDocument, Part
from gateway.knowledge.release import release, retain
from gateway.knowledge.sealed import Cover, Page, seal_cover, seal_page, seal_vector
from gateway.knowledge.shelves import written_labels
from gateway.knowledge.terms import keyed, terms
from gateway.moments import written
from gateway.store.inserts import insert_into
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, DOCUMENTS, FILE_MENTIONS, MENTIONS, POSTINGS, SHELVES

_BATCH = 500
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where chunks go, and under whose key."""

    owner: TenantKey
    document: str
    shelf: int
    model: str
    at: str


def shelve(connection: Connection, owner: TenantKey, new: NewDocument, model: str, now: datetime) -> str:
    """In place of what was kept from the same source. Gives the document's id."""
    same = (DOCUMENTS.c.tenant == new.tenant, DOCUMENTS.c.collection == new.collection, DOCUMENTS.c.source == new.source)
    before = _taken_off(connection, connection.execute(select(DOCUMENTS.c.id).where(*same)).scalars().all())
    document = f"kd_{secrets.token_hex(12)}"
    place = _Place(owner=owner, document=document, shelf=_shelf(connection, new), model=model, at=written(now))
    _insert_document(connection, place, new)
    lengths = [_insert_part(connection, place, new.title, nr, part) for nr, part in enumerate(new.parts)]
    _count(connection, place.shelf, len(lengths), sum(lengths))
    release(connection, new.tenant, before, now)
    retain(connection, owner, (new.title, *(text for part in new.parts for text in (part.section, part.text))), now)
    return document


def unshelve(connection: Connection, tenant: str, documents: Sequence[str], now: datetime) -> None:
    """Take a tenant's documents off their shelves."""
    release(connection, tenant, _taken_off(connection, documents), now)


def mention(connection: Connection, tenant: str, place: str, tags: Collection[bytes]) -> None:
    """Note, beside what was noted before, whose values stand in an uploaded file (its id), or in a chunk as they are (its
    name).
    """
    if tags:
        rows = [{"tenant": tenant, "tag": tag, "file": place} for tag in sorted(tags)]
        connection.execute(insert_into(connection, FILE_MENTIONS).on_conflict_do_nothing(), rows)


def drop_chunks(connection: Connection, chunks: Sequence[int]) -> frozenset[bytes]:
    """Some chunks, wherever they are; the tags of those whom they mentioned."""
    tags: set[bytes] = set()
    for at in range(0, len(chunks), _BATCH):
        some = chunks[at : at + _BATCH]
        _drop(connection, CHUNKS.c.id.in_(some))
        connection.execute(delete(POSTINGS).where(POSTINGS.c.chunk.in_(some)))
        connection.execute(delete(FILE_MENTIONS).where(FILE_MENTIONS.c.file.in_(list(map(chunk_name, some)))))
        gone = delete(MENTIONS).where(MENTIONS.c.chunk.in_(some)).returning(MENTIONS.c.tag)
        tags.update(map(bytes, connection.execute(gone).scalars()))
    return frozenset(tags)


def _taken_off(connection: Connection, documents: Sequence[str]) -> frozenset[bytes]:
    tags: set[bytes] = set()
    for document in documents:
        tags |= drop_chunks(
            connection, connection.execute(select(CHUNKS.c.id).where(CHUNKS.c.document == document)).scalars().all()
        )
        gone = delete(DOCUMENTS).where(DOCUMENTS.c.id == document).returning(DOCUMENTS.c.key_id)
        _forget_keys(connection, connection.execute(gone).scalars().all())
    return frozenset(tags)


def _drop(connection: Connection, which: ColumnElement[bool]) -> None:
    sums = select(CHUNKS.c.shelf, func.count(), func.sum(CHUNKS.c.length)).where(which).group_by(CHUNKS.c.shelf)
    for shelf, count, length in connection.execute(sums).all():
        _count(connection, shelf, -count, -int(length))
    _forget_keys(connection, connection.execute(delete(CHUNKS).where(which).returning(CHUNKS.c.key_id)).scalars().all())


def _forget_keys(connection: Connection, keys: Sequence[str]) -> None:
    connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id.in_(keys)))


def _shelf(connection: Connection, new: NewDocument) -> int:
    labels = written_labels(new.labels)
    named = {"tenant": new.tenant, "collection": new.collection, "labels": labels}
    insert_once(connection, SHELVES, {**named, "chunks": 0, "length": 0, "revision": 0})
    this = (SHELVES.c.tenant == new.tenant, SHELVES.c.collection == new.collection, SHELVES.c.labels == labels)
    return int(connection.execute(select(SHELVES.c.id).where(*this)).scalar_one())


def _count(connection: Connection, shelf: int, chunks: int, length: int) -> None:
    sums = {"chunks": SHELVES.c.chunks + chunks, "length": SHELVES.c.length + length, "revision": SHELVES.c.revision + 1}
    connection.execute(update(SHELVES).where(SHELVES.c.id == shelf).values(**sums))


def _insert_document(connection: Connection, place: _Place, new: NewDocument) -> None:
    key = place.owner.new_data_key()
    row: Mapping[str, object] = {
        "id": place.document,
        "tenant": new.tenant,
        "collection": new.collection,
        "source": new.source,
        "root": new.root,
        "digest": new.digest,
        "shelf": place.shelf,
        "key_id": key.id,
        "sealed": seal_cover(key, place.document, Cover(new.title, new.place)),
        "added_at": place.at,
    }
    connection.execute(DATA_KEYS.insert().values(**key.row(place.at)))
    connection.execute(DOCUMENTS.insert().values(**row))


def _insert_part(connection: Connection, place: _Place, title: str, nr: int, part: Part) -> int:
    """How many terms it has. It is found by its title and section too."""
    chunk, key = secrets.randbits(63), place.owner.new_data_key()
    found = terms(part.searched(title))
    length = sum(found.values())
    row: Mapping[str, object] = {
        "id": chunk,
        "document": place.document,
        "shelf": place.shelf,
        "nr": nr,
        "length": length,
        "key_id": key.id,
        "sealed": seal_page(key, chunk, Page(title, part.text, part.section, part.page)),
        "model": place.model,
        "vector": seal_vector(key, chunk, part.vector),
    }
    connection.execute(DATA_KEYS.insert().values(**key.row(place.at)))
    connection.execute(CHUNKS.insert().values(**row))
    postings = list(_postings(place, chunk, found, length))
    if postings:
        connection.execute(POSTINGS.insert(), postings)
    _insert_tags(connection, place.owner.tenant, chunk, part)
    return length


def _insert_tags(connection: Connection, tenant: str, chunk: int, part: Part) -> None:
    if part.mentions:
        connection.execute(MENTIONS.insert(), [{"tenant": tenant, "tag": tag, "chunk": chunk} for tag in sorted(part.mentions)])
    mention(connection, tenant, chunk_name(chunk), part.kept - part.mentions)


def _postings(place: _Place, chunk: int, found: Mapping[str, int], length: int) -> Iterator[_Row]:
    for term, count in found.items():
        name = keyed(place.owner, place.shelf, term)
        yield {"shelf": place.shelf, "term": name, "chunk": chunk, "count": count, "length": length}
