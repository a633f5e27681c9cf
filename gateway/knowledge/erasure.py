"""Erases what documents say about a person: every chunk in which one of their values was found, with the key that opens it, and
every uploaded file, and what is said of vector stores. Of a document that was made of such a file the other chunks stay.

A file in a folder is not touched. Unless it is mended, it brings the person back when it is changed and added again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from sqlalchemy import Select, delete, func, select

from gateway.errors import ProtectionUnavailable
from gateway.keys.data_key import TenantKey
from gateway.knowledge.uploads.files import drop_files
from gateway.knowledge.uploads.shapes import FileStatus
from gateway.knowledge.uploads.words import forget_words, places_of
from gateway.knowledge.writing import drop_chunks
from gateway.store.database import Database
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import (
    CHUNKS,
    DOCUMENTS,
    FILE_MENTIONS,
    FILES,
    MENTIONS,
    SHELVES,
    STORE_FILES,
    STORES,
)

_BATCH = 200
"""Chunks in one transaction: nobody else writes meanwhile in SQLite."""


class KnowledgeErasure:
    """An `Erasable` (gateway.assurance.places). `keys` gives a tenant's key."""

    def __init__(self, database: Database, keys: Callable[[str], TenantKey]) -> None:
        self._database = database
        self._keys = keys

    async def erase(self, tenant: str, tags: Collection[bytes] | None) -> int:
        """How many chunks, uploaded files and words about stores are gone; `tags` None: all of the tenant's, and its documents
        and vector stores. Raises AuditUnavailable, and ProtectionUnavailable, also where it is not known yet whom a file
        mentions that was there: then nothing is confirmed.
        """
        return await asyncio.to_thread(self._erase, tenant, tags)

    def _erase(self, tenant: str, tags: Collection[bytes] | None) -> int:
        unknown = 0 if tags is None else self._unknown(tenant)
        count = self._files(tenant, tags)
        while done := self._step(_chunks(tenant, tags)):
            count += done
        if tags is None:
            self._clear(tenant)
        else:
            count += self._words(tenant, tags)
        if unknown:
            raise ProtectionUnavailable("Some uploaded files were not looked through yet: run it again when they are.")
        return count

    def _unknown(self, tenant: str) -> int:
        """Uploaded files of which nobody knows whom they mention."""
        waiting = select(func.count()).where(FILES.c.tenant == tenant, FILES.c.status == FileStatus.UPLOADED)
        with self._database.reading() as connection:
            return int(connection.execute(waiting).scalar_one())

    def _words(self, tenant: str, tags: Collection[bytes]) -> int:
        """Names, descriptions, metadata and attributes in which one of the values stands."""
        with self._database.writing() as connection:
            places = places_of(connection, tenant, tags)
            for store, own in places.items():
                forget_words(connection, self._keys(tenant), store, own)
        return sum(map(len, places.values()))

    def _files(self, tenant: str, tags: Collection[bytes] | None) -> int:
        """Uploaded files in which one of the values stands, as they were uploaded."""
        which = FILES.c.tenant == tenant
        if tags is not None:
            named = select(FILE_MENTIONS.c.file).where(FILE_MENTIONS.c.tenant == tenant, FILE_MENTIONS.c.tag.in_(sorted(tags)))
            which &= FILES.c.id.in_(named)
        with self._database.writing() as connection:
            return drop_files(connection, which)

    def _step(self, which: Select[int]) -> int:
        with self._database.writing() as connection:
            some = connection.execute(which.limit(_BATCH)).scalars().all()
            drop_chunks(connection, some)
        return len(some)

    def _clear(self, tenant: str) -> None:
        with self._database.writing() as connection:
            for table in (DOCUMENTS, STORES):
                keys = select(table.c.key_id).where(table.c.tenant == tenant)
                connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id.in_(keys)))
            for table in (DOCUMENTS, SHELVES, MENTIONS, STORES, STORE_FILES, FILE_MENTIONS):
                connection.execute(delete(table).where(table.c.tenant == tenant))


def _chunks(tenant: str, tags: Collection[bytes] | None) -> Select[int]:
    if tags is not None:
        return select(MENTIONS.c.chunk).distinct().where(MENTIONS.c.tenant == tenant, MENTIONS.c.tag.in_(sorted(tags)))
    return select(CHUNKS.c.id).join(SHELVES, SHELVES.c.id == CHUNKS.c.shelf).where(SHELVES.c.tenant == tenant)
