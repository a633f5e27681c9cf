"""How the time of a search grows. Texts and vectors are drawn: what is found means nothing, how long it takes does."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from sqlalchemy import select, update

from bench.knowledge.house import TENANT, House
from gateway.keys.data_key import DataKey, TenantKey
from gateway.keys.rows import insert_once
from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.embedding import Vector
from gateway.knowledge.library import Question
from gateway.knowledge.sealed import Page, seal_page, seal_vector
from gateway.knowledge.terms import keyed
from gateway.moments import utc_now
from gateway.store.database import Database
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, POSTINGS, SHELVES

SIZES = (1_000, 10_000, 100_000)
_WORDS = 20_000
_IN_A_CHUNK = 40
_IN_A_QUESTION = 7
_QUESTIONS = 20
_SHELF = "drawn"
_BATCH = 500_000


@dataclass(frozen=True, slots=True)
class Grown:
    """`open_s`: the first search of a process, which opens the sealed vectors. `cpu_ms` and `ms` are medians of the others."""

    chunks: int
    open_s: float
    ms: float
    slowest_ms: float
    cpu_ms: float


class Drawn:
    """An `Embedder` whose vectors have random directions."""

    model = "drawn"

    def __init__(self) -> None:
        self._random = np.random.default_rng(1)

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [self.one() for _ in texts]

    async def question(self, text: str) -> Vector:
        del text
        return self.one()

    def one(self) -> Vector:
        vector = self._random.standard_normal(384, dtype=np.float32)
        return vector / float(np.linalg.norm(vector))


class Writer:
    """Words as often as Zipf has them in texts."""

    def __init__(self) -> None:
        self._random = random.Random(2)
        self.words = [f"word{number:x}" for number in range(_WORDS)]
        self._weights = list(accumulate(1 / (number + 2.7) for number in range(_WORDS)))

    def text(self, words: int) -> list[str]:
        return self._random.choices(self.words, cum_weights=self._weights, k=words)


async def growth(house: House, sizes: Sequence[int] = SIZES) -> AsyncIterator[Grown]:
    embedder, writer, chunks = Drawn(), Writer(), 0
    owner = await house.keys.of(TENANT)
    for size in sizes:
        fill(house.database, owner, writer, embedder, size - chunks)
        chunks = size
        yield await _measured(house, embedder, writer, chunks)


def fill(database: Database, owner: TenantKey, writer: Writer, embedder: Drawn, count: int) -> None:
    """So many chunks more, in the form that `gateway.knowledge.writing` gives them; in bulk, with one key for all of them."""
    with database.writing() as connection:
        named = {"tenant": TENANT, "collection": _SHELF, "labels": "[]"}
        insert_once(connection, SHELVES, {**named, "chunks": 0, "length": 0, "revision": 0})
        shelf = connection.execute(select(SHELVES.c.id).where(SHELVES.c.collection == _SHELF)).scalar_one()
        key, names = owner.new_data_key(), {word: keyed(owner, shelf, word) for word in writer.words}
        connection.execute(DATA_KEYS.insert().values(**key.row(utc_now())))
        chunks, postings = list[dict[str, Any]](), list[dict[str, Any]]()
        for _ in range(count):
            chunk, words = secrets.randbits(63), Counter(writer.text(_IN_A_CHUNK))
            chunks.append(_row(key, chunk, shelf, embedder.one()))
            placed = {"shelf": shelf, "chunk": chunk, "length": _IN_A_CHUNK}
            postings += [{**placed, "term": names[word], "count": number} for word, number in words.items()]
        connection.execute(CHUNKS.insert(), chunks)
        for at in range(0, len(postings), _BATCH):
            connection.execute(POSTINGS.insert(), sorted(postings[at : at + _BATCH], key=_place))
        grown = {"chunks": SHELVES.c.chunks + count, "length": SHELVES.c.length + count * _IN_A_CHUNK}
        connection.execute(update(SHELVES).where(SHELVES.c.id == shelf).values(**grown, revision=SHELVES.c.revision + 1))


def _row(key: DataKey, chunk: int, shelf: int, vector: Vector) -> dict[str, object]:
    return {
        "id": chunk,
        "document": "drawn",
        "shelf": shelf,
        "nr": 0,
        "length": _IN_A_CHUNK,
        "key_id": key.id,
        "sealed": seal_page(key, chunk, Page("", "drawn", "", None)),
        "model": Drawn.model,
        "vector": seal_vector(key, chunk, vector),
    }


def _place(row: Mapping[str, Any]) -> tuple[int, int]:
    return row["term"], row["chunk"]


async def _measured(house: House, embedder: Drawn, writer: Writer, chunks: int) -> Grown:
    library, asked = (
        DatabaseLibrary(house.database, house.keys, embedder, threshold=None),
        [_question(writer) for _ in range(_QUESTIONS)],
    )
    begin = perf_counter()
    await library.search(asked[0])
    opened, times, cpu = perf_counter() - begin, [], []
    for question in asked:
        begin, used = perf_counter(), process_time()
        await library.search(question)
        times.append((perf_counter() - begin) * 1_000)
        cpu.append((process_time() - used) * 1_000)
        await asyncio.sleep(0)
    return Grown(chunks, opened, median(times), max(times), median(cpu))


def _question(writer: Writer) -> Question:
    return Question(TENANT, frozenset(), " ".join(writer.text(_IN_A_QUESTION)), 5, frozenset({_SHELF}))
