"""Both rankings fused, and each alone, on the same questions; and what a threshold keeps out and lets through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from time import perf_counter

from bench.knowledge.house import TENANT, House
from bench.knowledge.measures import ndcg, recall
from bench.knowledge.sets import Asked, split
from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.embedding import Embedder
from gateway.knowledge.fit import MEASURED, Threshold
from gateway.knowledge.library import Passage, Question

MOST = 5
_WAYS: Mapping[str, tuple[bool, bool]] = {"words alone": (True, False), "meaning alone": (False, True), "both": (True, True)}


@dataclass(frozen=True, slots=True)
class Quality:
    """Over the questions that have an answer; `ms` is the median of a search, without making the question's vector."""

    way: str
    recall: float
    ndcg: float
    ms: float


@dataclass(frozen=True, slots=True)
class Rates:
    """`lost`: questions whose passage was found, and is kept out. `let_in`: questions without an answer that get some."""

    half: str
    lost: float
    let_in: float


async def qualities(house: House, asked: Sequence[Asked], language: str) -> list[Quality]:
    answered, made = [one for one in asked if one.has_answer], []
    for way, (words, meaning) in _WAYS.items():
        library = DatabaseLibrary(house.database, house.keys, house.embedder, words=words, meaning=meaning, threshold=None)
        places, times = [], []
        await _found(library, answered[0], language)  # which opens the vectors
        for one in answered:
            passages, seconds = await _timed(library, house.embedder, one, language)
            places.append(_place(passages, one))
            times.append(seconds * 1_000)
        made.append(Quality(way, recall(places), ndcg(places), median(times)))
    return made


async def rates(house: House, asked: Sequence[Asked], language: str, threshold: Threshold = MEASURED) -> list[Rates]:
    free = DatabaseLibrary(house.database, house.keys, house.embedder, threshold=None)
    strict = DatabaseLibrary(house.database, house.keys, house.embedder, threshold=threshold)
    made = []
    for name, half in zip(("chosen by", "held out"), split(asked), strict=True):
        lost, let_in = [], []
        for one in half:
            passages = await _found(strict, one, language)
            if not one.has_answer:
                let_in.append(bool(passages))
            elif _place(await _found(free, one, language), one) is not None:
                lost.append(_place(passages, one) is None)
        made.append(Rates(name, mean(lost), mean(let_in)))
    return made


async def _timed(library: DatabaseLibrary, embedder: Embedder, asked: Asked, language: str) -> tuple[Sequence[Passage], float]:
    await embedder.question(asked.text)
    begin = perf_counter()
    passages = await _found(library, asked, language)
    return passages, perf_counter() - begin


async def _found(library: DatabaseLibrary, asked: Asked, language: str) -> Sequence[Passage]:
    return await library.search(Question(TENANT, frozenset(), asked.text, MOST, frozenset({language})))


def _place(passages: Sequence[Passage], asked: Asked) -> int | None:
    """A passage is named by its document's title, the first heading, and its own."""
    named = ((passage.title, passage.section) for passage in passages)
    return next((at for at, one in enumerate(named) if one == (asked.title, asked.section)), None)
