"""Erases what documents say about a person: every chunk in which one of their values was found, with the key that opens it, and
every uploaded file, and what is said of vector stores. Of a document that was made of such a file the other chunks stay.
Titles, paths and names of files are looked through for the values themselves, whether or not anybody recognised them there.

A file in a folder is not touched. Unless it is mended, it brings the person back when it is changed and added again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select

from gateway.errors import ProtectionUnavailable
from gateway.keys.data_key import TenantKey
from gateway.knowledge.chunk_names import PREFIX, chunk_number
from gateway.knowledge.covers import forget_cover, naming
from gateway.knowledge.named import is_named
from gateway.knowledge.release import release
from gateway.knowledge.uploads.files import drop_files, names_of_files
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

_NAMED = 10
"""Files, and documents, that an error names."""
_BATCH = 200
"""Chunks in one transaction: nobody else writes meanwhile in SQLite."""


class KnowledgeErasure:
    """An `Erasable` (gateway.assurance.places). `keys` gives a tenant's key."""

    def __init__(self, database: Database, keys: Callable[[str], TenantKey]) -> None:
        self._database = database
        self._keys = keys

    async def erase(self, tenant: str, tags: Collection[bytes] | None) -> int:
        """How many chunks, covers, uploaded files and words about stores are gone; `tags` None: all of the tenant's, and its
        documents and vector stores. Raises AuditUnavailable, and ProtectionUnavailable, also where it is not known yet whom a
        file or a document mentions that was there: then nothing is confirmed.
        """
        return await asyncio.to_thread(self._erase, tenant, tags)

    def _erase(self, tenant: str, tags: Collection[bytes] | None) -> int:
        unknown = [] if tags is None else self._unknown(tenant)
        count = self._files(tenant, tags)
        while done := self._step(tenant, tags):
            count += done
        if tags is None:
            self._clear(tenant)
        else:
            owner = self._keys(tenant)
            count += self._words(owner, tags) + self._covers(owner, tags) + self._file_names(owner, tags)
        if unknown:
            raise ProtectionUnavailable(
                f"Nobody knows yet whom {' and '.join(unknown)} may mention: run it again when a running gateway has looked "
                "through these, or delete those that cannot be."
            )
        return count

    def _unknown(self, tenant: str) -> Sequence[str]:
        """Of which nobody knows whom they mention, in words: uploaded files and documents by their ids, the oldest first."""
        files = select(FILES.c.id).where(FILES.c.tenant == tenant, FILES.c.status == FileStatus.UPLOADED)
        documents = select(DOCUMENTS.c.id).where(DOCUMENTS.c.tenant == tenant, DOCUMENTS.c.unsought.is_not(None))
        with self._database.reading() as connection:
            uploaded = connection.execute(files.order_by(FILES.c.made_at, FILES.c.id)).scalars().all()
            kept = connection.execute(documents.order_by(DOCUMENTS.c.added_at, DOCUMENTS.c.id)).scalars().all()
        named = (_listed("uploaded", uploaded, "uploaded files"), _listed("the document", kept, "documents"))
        return [one for one in named if one]

    def _words(self, owner: TenantKey, tags: Collection[bytes]) -> int:
        """Names, descriptions, metadata and attributes in which one of the values stands."""
        with self._database.reading() as connection:
            stores = connection.execute(select(STORES.c.id).where(STORES.c.tenant == owner.tenant)).scalars().all()
            named = [store for store in stores if places_of(connection, owner, tags, store)]
        count = 0
        for store in named:
            with self._database.writing() as connection:
                if places := places_of(connection, owner, tags, store):  # it may have changed meanwhile
                    forget_words(connection, owner, store, places)
                    count += len(places)
        return count

    def _covers(self, owner: TenantKey, tags: Collection[bytes]) -> int:
        """Titles and places in which one of the values stands, and the chunks that have such a title."""
        count, after = 0, ""
        while True:
            with self._database.reading() as connection:
                after, own = naming(connection, owner, tags, after, _BATCH)
            for document in own:
                with self._database.writing() as connection:
                    chunks = forget_cover(connection, owner, tags, document)
                    release(connection, owner.tenant, drop_chunks(connection, chunks), datetime.now(UTC))
                count += 1 + len(chunks)
            if not after:
                return count

    def _file_names(self, owner: TenantKey, tags: Collection[bytes]) -> int:
        """Uploaded files in whose name one of the values stands, where nobody recognised it."""
        with self._database.reading() as connection:
            own = [one for one, name in names_of_files(connection, owner) if is_named(owner, tags, name)]
        count = 0
        for at in range(0, len(own), _BATCH):
            with self._database.writing() as connection:
                count += drop_files(connection, FILES.c.id.in_(own[at : at + _BATCH]))
        return count

    def _files(self, tenant: str, tags: Collection[bytes] | None) -> int:
        """Uploaded files in which one of the values stands, as they were uploaded."""
        which = FILES.c.tenant == tenant
        if tags is not None:
            named = select(FILE_MENTIONS.c.file).where(FILE_MENTIONS.c.tenant == tenant, FILE_MENTIONS.c.tag.in_(sorted(tags)))
            which &= FILES.c.id.in_(named)
        with self._database.writing() as connection:
            return drop_files(connection, which)

    def _step(self, tenant: str, tags: Collection[bytes] | None) -> int:
        with self._database.writing() as connection:
            some = _chunks(connection, tenant, tags)
            release(connection, tenant, drop_chunks(connection, some), datetime.now(UTC))
        return len(some)

    def _clear(self, tenant: str) -> None:
        with self._database.writing() as connection:
            for table in (DOCUMENTS, STORES):
                keys = select(table.c.key_id).where(table.c.tenant == tenant)
                connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id.in_(keys)))
            for table in (DOCUMENTS, SHELVES, MENTIONS, STORES, STORE_FILES, FILE_MENTIONS):
                connection.execute(delete(table).where(table.c.tenant == tenant))


def _listed(what: str, ids: Sequence[str], many: str) -> str:
    named = ", ".join(ids[:_NAMED])
    if len(ids) > _NAMED:
        return f"{named} and {len(ids) - _NAMED} more {many}"
    return f"{what} {named}" if ids else ""


def _chunks(connection: Connection, tenant: str, tags: Collection[bytes] | None) -> Sequence[int]:
    """Some that are to go."""
    if tags is None:
        every = select(CHUNKS.c.id).join(SHELVES, SHELVES.c.id == CHUNKS.c.shelf).where(SHELVES.c.tenant == tenant)
        return connection.execute(every.limit(_BATCH)).scalars().all()
    of, them = MENTIONS.c, sorted(tags)
    noted = select(of.chunk).distinct().where(of.tenant == tenant, of.tag.in_(them)).limit(_BATCH)
    if some := connection.execute(noted).scalars().all():
        return some
    kept = FILE_MENTIONS.c
    in_clear = (kept.tenant == tenant, kept.tag.in_(them), kept.file.startswith(PREFIX, autoescape=True))
    names = connection.execute(select(kept.file).distinct().where(*in_clear).limit(_BATCH)).scalars()
    return [chunk_number(name) for name in names]
