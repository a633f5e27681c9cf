"""Covers of documents in which somebody is named who is erased: titles and places, such as a path or an upload's name.

The document's row stays, with the hashes by which the file is known again: else it would come back with the next `add`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from gateway.keys.data_key import DataKey, TenantKey
from gateway.knowledge.named import is_named
from gateway.knowledge.sealed import Cover, open_cover, seal_cover
from gateway.moments import utc_now
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, DOCUMENTS


def naming(
    connection: Connection, owner: TenantKey, tags: Collection[bytes], after: str, limit: int
) -> tuple[str, Sequence[str]]:
    """The last of the next so many documents (empty behind the last one), and those of them whose covers name one of these
    people. Raises Unreadable.
    """
    rows = connection.execute(_covers(owner).where(DOCUMENTS.c.id > after).order_by(DOCUMENTS.c.id).limit(limit)).all()
    own = [row.id for row in rows if _without(owner, tags, cover := _opened(owner, row)) != cover]
    return (rows[-1].id if rows else ""), own


def forget_cover(connection: Connection, owner: TenantKey, tags: Collection[bytes], document: str) -> Sequence[int]:
    """Seal the cover anew without what names one of these people; the key that opened it goes. Gives the chunks of which the
    same has to be said: those of a document whose title names them.
    """
    row = connection.execute(_covers(owner).where(DOCUMENTS.c.id == document)).first()
    if row is None:  # it went meanwhile
        return ()
    cover, key = _opened(owner, row), owner.new_data_key()
    left = _without(owner, tags, cover)
    connection.execute(DATA_KEYS.insert().values(**key.row(utc_now())))
    anew = {"sealed": seal_cover(key, document, left), "key_id": key.id}
    connection.execute(update(DOCUMENTS).where(DOCUMENTS.c.id == document).values(**anew))
    connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id == row.key_id))
    if left.title == cover.title:
        return ()
    return connection.execute(select(CHUNKS.c.id).where(CHUNKS.c.document == document)).scalars().all()


def _covers(owner: TenantKey) -> Any:
    columns = select(DOCUMENTS.c.id, DOCUMENTS.c.key_id, DOCUMENTS.c.sealed, DATA_KEYS.c.wrapped)
    joined = columns.join(DATA_KEYS, DATA_KEYS.c.id == DOCUMENTS.c.key_id)
    return joined.where(DOCUMENTS.c.tenant == owner.tenant, DATA_KEYS.c.wrapped.is_not(None))


def _opened(owner: TenantKey, row: Row[Any]) -> Cover:
    key: DataKey = owner.data_key(row.key_id, bytes(row.wrapped))
    return open_cover(key, row.id, bytes(row.sealed))


def _without(owner: TenantKey, tags: Collection[bytes], cover: Cover) -> Cover:
    title, place = ("" if is_named(owner, tags, text) else text for text in (cover.title, cover.place))
    return Cover(title, place)
