"""A library in the gateway's own database, SQLite or Postgres: words by an index of keyed terms, vectors in memory."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select

from gateway.audit.tenant_keys import TenantKeys
from gateway.keys.data_key import TenantKey
from gateway.knowledge.chunk_names import chunk_name
from gateway.knowledge.embedding import Embedder, Vector
from gateway.knowledge.fit import MEASURED, Evidence, Threshold
from gateway.knowledge.library import Known, Listed, NewDocument, Passage, Question
from gateway.knowledge.meaning import Cosines, Meanings
from gateway.knowledge.sealed import open_cover, open_page
from gateway.knowledge.shelves import Shelf, chunks_among, permitted, read_labels
from gateway.knowledge.unseen import names_people, without_unseen
from gateway.knowledge.wording import Asked, Frequencies, asked
from gateway.knowledge.writing import shelve, unshelve
from gateway.store.database import Database
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, DOCUMENTS, SHELVES

_Result = TypeVar("_Result")
_DEPTH = 50
"""Places of each ranking that are looked at together."""
_THREADS = 8
"""Of its own: whoever first searches a large shelf waits for its vectors, and nothing else in the gateway is to wait too."""
_AT_ONCE = 2
"""Threads of one tenant, so that others find one."""
_BATCH = 100
"""Documents that are removed in one transaction: nobody else writes meanwhile in SQLite."""


class DatabaseLibrary:
    """A `Library`. Passages are ranked by words and by meaning together, and none is given where none fits; whoever compares
    leaves a ranking out, or the threshold.
    """

    def __init__(
        self,
        database: Database,
        keys: TenantKeys,
        embedder: Embedder,
        *,
        words: bool = True,
        meaning: bool = True,
        threshold: Threshold | None = MEASURED,
    ) -> None:
        self._database = database
        self._keys = keys
        self._embedder = embedder
        self._meanings = Meanings(embedder.model)
        self._frequencies = Frequencies()
        self._words = words
        self._meaning = meaning
        self._threshold = threshold
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="search")
        self._turns = defaultdict[str, asyncio.Semaphore](partial(asyncio.Semaphore, _AT_ONCE))

    async def search(self, question: Question) -> tuple[Passage, ...]:
        key = await self._keys.of(question.tenant)
        if names_people(question.text):
            question = await self._within(key.tenant, partial(self._as_seen, key, question))
        vector = await self._embedder.question(question.text)
        return await self._within(key.tenant, partial(self._search, key, question, vector))

    async def known(self, tenant: str, collection: str) -> Mapping[bytes, Known]:
        return await asyncio.to_thread(self._known, tenant, collection)

    async def put(self, document: NewDocument) -> str:
        key = await self._keys.of(document.tenant)
        return await asyncio.to_thread(self._put, key, document)

    async def remove(self, tenant: str, documents: Collection[str]) -> int:
        return await asyncio.to_thread(removed, self._database, tenant, documents)

    async def tidy(self) -> None:
        await asyncio.to_thread(self._tidy)

    async def documents(self, tenant: str) -> Sequence[Listed]:
        key = await self._keys.of(tenant)
        return await asyncio.to_thread(listed, self._database, key)

    def close(self) -> None:
        """Searches that wait for a thread are given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _within(self, tenant: str, work: Callable[[], _Result]) -> _Result:
        """Whoever gives up leaves the thread at work, and it is the tenant's turn until that ends."""
        turn = self._turns[tenant]
        await turn.acquire()
        working = asyncio.get_running_loop().run_in_executor(self._threads, work)
        working.add_done_callback(lambda _: turn.release())
        return await asyncio.shield(working)

    def _as_seen(self, key: TenantKey, question: Question) -> Question:
        with self._database.reading() as connection:
            return replace(question, text=without_unseen(connection, key, permitted(connection, question), question.text))

    def _search(self, key: TenantKey, question: Question, vector: Vector) -> tuple[Passage, ...]:
        with self._database.reading() as connection:
            shelves, wanted = permitted(connection, question), question.documents
            among = None if wanted is None else chunks_among(connection, shelves, wanted)
            words = asked(connection, key, shelves, question.text, self._frequencies)
            near = self._meanings.near(connection, key, shelves, vector)
            ranked = self._ranked(connection, words, near, among)[: question.limit]
            found = tuple(_passages(connection, key, shelves, ranked))
        signs, threshold = {chunk_name(chunk): evidence for chunk, evidence in ranked}, self._threshold
        fits = threshold is None or threshold.admits(question.text, ((one.text, signs[one.id]) for one in found))
        return found if fits else ()

    def _tidy(self) -> None:
        with self._database.reading() as connection:
            self._meanings.tidy(connection)

    def _ranked(
        self, connection: Connection, words: Asked, near: Cosines, among: Collection[int] | None
    ) -> list[tuple[int, Evidence]]:
        near = near if among is None else near.among(among)
        by_words = words.best(connection, _DEPTH, among) if self._words else []
        if not self._meaning:
            return [(chunk, Evidence(1 / place, 0.0)) for place, chunk in enumerate(by_words, start=1)]
        chunks = {*by_words, *near.best(_DEPTH)}
        shares, cosines = words.shares(connection, chunks) if self._words else {}, near.of(chunks)
        every = [(chunk, Evidence(cosines.get(chunk, 0.0), shares.get(chunk, 0.0))) for chunk in chunks]
        return sorted(every, key=lambda one: (-one[1].score, one[0]))

    def _known(self, tenant: str, collection: str) -> Mapping[bytes, Known]:
        columns = select(DOCUMENTS.c.source, DOCUMENTS.c.id, DOCUMENTS.c.root, DOCUMENTS.c.digest, SHELVES.c.labels)
        own = (DOCUMENTS.c.tenant == tenant, DOCUMENTS.c.collection == collection)
        with self._database.reading() as connection:
            rows = connection.execute(columns.join(SHELVES, SHELVES.c.id == DOCUMENTS.c.shelf).where(*own)).all()
        return {
            bytes(source): Known(document, bytes(root), bytes(digest), read_labels(labels))
            for source, document, root, digest, labels in rows
        }

    def _put(self, key: TenantKey, document: NewDocument) -> str:
        with self._database.writing() as connection:
            return shelve(connection, key, document, self._embedder.model, datetime.now(UTC))


def removed(database: Database, tenant: str, documents: Collection[str]) -> int:
    """How many of these the tenant had. Raises AuditUnavailable; what was removed until then stays so."""
    every, count = list(documents), 0
    for at in range(0, len(every), _BATCH):
        own = (DOCUMENTS.c.tenant == tenant, DOCUMENTS.c.id.in_(every[at : at + _BATCH]))
        with database.writing() as connection:
            found = connection.execute(select(DOCUMENTS.c.id).where(*own)).scalars().all()
            unshelve(connection, tenant, found, datetime.now(UTC))
        count += len(found)
    return count


def listed(database: Database, key: TenantKey) -> Sequence[Listed]:
    """All of a tenant's. Raises ProtectionUnavailable and AuditUnavailable."""
    count = select(func.count()).where(CHUNKS.c.document == DOCUMENTS.c.id).scalar_subquery().label("parts")
    columns = (
        select(DOCUMENTS, SHELVES.c.labels, DATA_KEYS.c.wrapped, count)
        .join(SHELVES, SHELVES.c.id == DOCUMENTS.c.shelf)
        .join(DATA_KEYS, DATA_KEYS.c.id == DOCUMENTS.c.key_id)
    )
    own = columns.where(DOCUMENTS.c.tenant == key.tenant, DATA_KEYS.c.wrapped.is_not(None))
    with database.reading() as connection:
        rows = connection.execute(own.order_by(DOCUMENTS.c.collection, DOCUMENTS.c.added_at, DOCUMENTS.c.id)).all()
    return [_listed(key, row) for row in rows]


def _listed(key: TenantKey, row: Any) -> Listed:
    cover = open_cover(key.data_key(row.key_id, bytes(row.wrapped)), row.id, bytes(row.sealed))
    labels = read_labels(row.labels)
    return Listed(row.id, row.collection, labels, cover.title, cover.place, row.parts, row.added_at)


def _passages(
    connection: Connection, key: TenantKey, shelves: Sequence[Shelf], best: Sequence[tuple[int, Evidence]]
) -> Iterator[Passage]:
    """The found chunks, opened; the shelves are asked for again, so that nothing else can be."""
    labels, scores = {shelf.id: shelf.labels for shelf in shelves}, dict(best)
    columns = select(
        CHUNKS.c.id, CHUNKS.c.document, CHUNKS.c.shelf, CHUNKS.c.key_id, CHUNKS.c.sealed, DATA_KEYS.c.wrapped
    ).join(DATA_KEYS, DATA_KEYS.c.id == CHUNKS.c.key_id)
    own = (CHUNKS.c.id.in_(list(scores)), CHUNKS.c.shelf.in_(list(labels)), DATA_KEYS.c.wrapped.is_not(None))
    rows = {row.id: row for row in connection.execute(columns.where(*own))}
    for chunk, evidence in best:
        if (row := rows.get(chunk)) is not None:  # it may have been removed meanwhile
            page = open_page(key.data_key(row.key_id, bytes(row.wrapped)), chunk, bytes(row.sealed))
            yield Passage(
                id=chunk_name(chunk),
                document=row.document,
                title=page.title,
                section=page.section,
                page=page.page,
                labels=labels[row.shelf],
                text=page.text,
                score=round(evidence.score, 4),
            )
