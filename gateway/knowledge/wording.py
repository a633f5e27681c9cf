"""Passages by their words: BM25 (Robertson and Zaragoza 2009) over keyed terms, counted on permitted shelves alone.

How rare a word is, and how long a passage usually is, is a matter of those shelves too: what lies on others moves no score.
"""

from __future__ import annotations

import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import islice
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from gateway.keys.data_key import TenantKey
from gateway.knowledge.shelves import Shelf
from gateway.knowledge.terms import keyed, terms
from gateway.store.tables.knowledge import POSTINGS

_K1 = 1.2
_B = 0.75
MOST_TERMS = 48
"""Of a question; in a longer one the terms that come first."""
_MOST_READ = 20_000
"""Postings for one question."""
_MOST_NAMED = 5_000
"""Chunks that are named to the database; of more than these it gives all that have the words, of which so many are read."""
_MOST_SHELVES = 150
"""Whose terms stand in one statement: SQLite nests an expression 1,000 deep at most. With all of a question's terms on each of
them, three values for a term, and the chunks that are named, that is below the 32,766 values that SQLite takes by default, and
the 65,535 of Postgres.
"""
_FREQUENT = 500
_MOST_HELD = 20_000
_Name: TypeAlias = tuple[int, int]
"""A shelf, and a term as that shelf has it."""


class Frequencies:
    """How many chunks have a term, where it is many: counting those is what costs, and they are asked for again and again.

    Exact: a shelf that has changed is counted anew. Usable from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, int, int], int] = OrderedDict()

    def of(self, connection: Connection, revisions: Mapping[int, int], names: Collection[_Name]) -> Mapping[_Name, int]:
        """`revisions` are those of the shelves. Terms that are nowhere are left out."""
        known = self._held(revisions, names)
        unknown = [name for name in names if name not in known]
        if not unknown:
            return known
        count = select(POSTINGS.c.shelf, POSTINGS.c.term, func.count()).group_by(POSTINGS.c.shelf, POSTINGS.c.term)
        found = {
            (shelf, term): number
            for some in portions(unknown)
            for shelf, term, number in connection.execute(count.where(any_of(some)))
        }
        self._hold(revisions, found)
        return {**known, **found}

    def _held(self, revisions: Mapping[int, int], names: Collection[_Name]) -> dict[_Name, int]:
        with self._lock:
            return {
                (shelf, term): self._known[place]
                for shelf, term in names
                if (place := (shelf, revisions[shelf], term)) in self._known
            }

    def _hold(self, revisions: Mapping[int, int], found: Mapping[_Name, int]) -> None:
        with self._lock:
            for (shelf, term), number in found.items():
                if number >= _FREQUENT:
                    self._known[shelf, revisions[shelf], term] = number
            while len(self._known) > _MOST_HELD:
                self._known.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's terms on some shelves. `counts` are the chunks that have each, where it is; `weights` are by term, and
    `weight` sums those of all that were asked. `usual` is how many terms a passage has.
    """

    names: Mapping[_Name, str] = field(repr=False)
    counts: Mapping[_Name, int] = field(repr=False)
    weights: Mapping[str, float] = field(repr=False)
    weight: float
    usual: float

    def best(self, connection: Connection, most: int, among: Collection[int] | None = None) -> list[int]:
        """The ids of the best chunks, the best first; with `among` the best of these. A chunk stands on one shelf."""
        best = (one for read in portions(self._read()) for one in self._best(connection, read, most, among))
        return [chunk for chunk, _ in nsmallest(most, best, key=lambda one: (-one[1], one[0]))]

    def _best(
        self, connection: Connection, read: Collection[_Name], most: int, among: Collection[int] | None
    ) -> Sequence[tuple[int, float]]:
        """With their scores, by these of the terms."""
        score = func.sum(_part({name: self.weights[self.names[name]] for name in read}, self.usual))
        ranked = select(POSTINGS.c.chunk, score).where(any_of(read)).group_by(POSTINGS.c.chunk)
        ordered = ranked.order_by(score.desc(), POSTINGS.c.chunk)
        if among is not None and len(among) <= _MOST_NAMED:
            ordered, among = ordered.where(POSTINGS.c.chunk.in_(sorted(among))), None
        if among is None:
            return [(chunk, found) for chunk, found in connection.execute(ordered.limit(most))]
        every = ((chunk, found) for chunk, found in connection.execute(ordered) if chunk in among)
        return list(islice(every, most))

    def shares(self, connection: Connection, chunks: Collection[int]) -> Mapping[int, float]:
        """How much of the question stands in each of these, by the weight of its terms: 0 to 1."""
        if not self.counts or not chunks:
            return {}
        columns = select(POSTINGS.c.chunk, POSTINGS.c.shelf, POSTINGS.c.term).where(POSTINGS.c.chunk.in_(sorted(chunks)))
        shares: dict[int, float] = {}
        for some in portions(self.counts):
            for chunk, shelf, term in connection.execute(columns.where(any_of(some))):
                shares[chunk] = shares.get(chunk, 0.0) + self.weights[self.names[shelf, term]] / self.weight
        return shares

    def _read(self) -> list[_Name]:
        """The rarest terms, up to a number of postings: beside them a frequent word moves no place by much."""
        chosen: list[_Name] = []
        room = _MOST_READ
        for name in sorted(self.counts, key=lambda name: (self.counts[name], name)):
            room -= self.counts[name]
            if chosen and room < 0:
                break
            chosen.append(name)
        return chosen


def asked(connection: Connection, key: TenantKey, shelves: Sequence[Shelf], text: str, frequencies: Frequencies) -> Asked:
    """What a question asks for, weighed on these shelves. A term that is nowhere is as rare as can be."""
    found, chunks = list(terms(text))[:MOST_TERMS], sum(shelf.chunks for shelf in shelves)
    names = {(shelf.id, keyed(key, shelf.id, term)): term for shelf in shelves for term in found}
    counts = frequencies.of(connection, {shelf.id: shelf.revision for shelf in shelves}, names) if names else {}
    totals: Counter[str] = Counter()
    for name, count in counts.items():
        totals[names[name]] += count
    weights = {term: _weight(totals[term], chunks) for term in found}
    return Asked(names, counts, weights, sum(weights.values()), _usual(shelves, chunks))


def _usual(shelves: Sequence[Shelf], chunks: int) -> float:
    return max(sum(shelf.length for shelf in shelves) / max(chunks, 1), 1.0)


def _weight(count: int, chunks: int) -> float:
    return math.log(1 + (chunks - count + 0.5) / (count + 0.5))


def _part(weights: Mapping[_Name, float], usual: float) -> ColumnElement[Any]:
    """What one term adds to the score of a chunk."""
    weight = case({term: weight for (_, term), weight in weights.items()}, value=POSTINGS.c.term, else_=0.0)
    count, length = POSTINGS.c.count * 1.0, POSTINGS.c.length * 1.0
    part: ColumnElement[Any] = weight * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length / usual))
    return part


def any_of(names: Collection[_Name]) -> ColumnElement[bool]:
    """Postings of any of these terms on their shelves: of a portion."""
    return or_(*(and_(POSTINGS.c.shelf == shelf, POSTINGS.c.term.in_(own)) for shelf, own in _by_shelf(names).items()))


def portions(names: Collection[_Name]) -> Iterator[Sequence[_Name]]:
    """So many as one statement may hold; those of one shelf are together."""
    shelves = list(_by_shelf(names).items())
    for at in range(0, len(shelves), _MOST_SHELVES):
        yield [(shelf, term) for shelf, own in shelves[at : at + _MOST_SHELVES] for term in own]


def _by_shelf(names: Collection[_Name]) -> Mapping[int, Sequence[int]]:
    shelves: dict[int, list[int]] = {}
    for shelf, term in names:
        shelves.setdefault(shelf, []).append(term)
    return shelves
