"""Passages by their words: BM25 (Robertson and Zaragoza 2009) over keyed terms, counted on permitted shelves alone.

How rare a word is, and how long a passage usually is, is a matter of those shelves too: what lies on others moves no score.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from gateway.keys.data_key import TenantKey
from gateway.knowledge.shelves import Shelf
from gateway.knowledge.terms import keyed, terms
from gateway.store.tables.knowledge import POSTINGS

_K1 = 1.2
_B = 0.75
_MOST_TERMS = 48
"""Of a question; in a longer one the terms that come first."""


def by_words(connection: Connection, key: TenantKey, shelves: Sequence[Shelf], text: str, most: int) -> list[int]:
    """The ids of the best chunks, the best first."""
    asked = list(terms(text))[:_MOST_TERMS]
    if not asked or not shelves:
        return []
    names = {(shelf.id, keyed(key, shelf.id, term)): term for shelf in shelves for term in asked}
    weights = _weights(connection, names, sum(shelf.chunks for shelf in shelves))
    if not weights:
        return []
    usual = max(sum(shelf.length for shelf in shelves) / sum(shelf.chunks for shelf in shelves), 1.0)
    score = func.sum(_part({name: weights[term] for name, term in names.items() if term in weights}, usual))
    ranked = select(POSTINGS.c.chunk).where(_any(names)).group_by(POSTINGS.c.chunk)
    return list(connection.execute(ranked.order_by(score.desc(), POSTINGS.c.chunk).limit(most)).scalars())


def _weights(connection: Connection, names: Mapping[tuple[int, int], str], chunks: int) -> Mapping[str, float]:
    """Of each term that occurs: the rarer the heavier."""
    counts: dict[str, int] = {}
    frequency = select(POSTINGS.c.shelf, POSTINGS.c.term, func.count().label("chunks")).where(_any(names))
    for shelf, term, count in connection.execute(frequency.group_by(POSTINGS.c.shelf, POSTINGS.c.term)):
        counts[names[shelf, term]] = counts.get(names[shelf, term], 0) + count
    return {term: math.log(1 + (chunks - count + 0.5) / (count + 0.5)) for term, count in counts.items()}


def _part(weights: Mapping[tuple[int, int], float], usual: float) -> ColumnElement[Any]:
    """What one term adds to the score of a chunk."""
    weight = case({term: weight for (_, term), weight in weights.items()}, value=POSTINGS.c.term, else_=0.0)
    count, length = POSTINGS.c.count * 1.0, POSTINGS.c.length * 1.0
    part: ColumnElement[Any] = weight * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length / usual))
    return part


def _any(names: Mapping[tuple[int, int], str]) -> ColumnElement[bool]:
    return or_(*_by_shelf(names))


def _by_shelf(names: Mapping[tuple[int, int], str]) -> Iterator[ColumnElement[bool]]:
    shelves: dict[int, list[int]] = {}
    for shelf, term in names:
        shelves.setdefault(shelf, []).append(term)
    for shelf, own in shelves.items():
        yield and_(POSTINGS.c.shelf == shelf, POSTINGS.c.term.in_(own))
