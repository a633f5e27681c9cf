"""Surrogates within longer words: `Call 13831525539Dear` has a number that was found, and no space behind it.

A surrogate is put back where it stands by itself, because part of a word is often something else. So a word that has one in
it is remembered as a whole: it comes back where the model says just this word. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.detection.literals import is_edge

LONGEST = 256
"""Characters of such a word, at most: a stream is held back for as long as what it says may become one."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was put in place of `text[start:end]`. What is not `reversible` comes back in no word."""

    start: int
    end: int
    put: str
    surrogate: bool
    reversible: bool


def glued(text: str, changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """Such words, as they were and as they became, from left to right. Changes are in order and do not overlap."""
    new, places = _rewritten(text, changes)
    done = 0
    for at, (start, end) in enumerate(places):
        if start < done or not changes[at].surrogate or (is_edge(new, start) and is_edge(new, end)):
            continue
        first, last = at, at
        while end - start <= LONGEST and not is_edge(new, start):
            before = first > 0 and places[first - 1][1] == start
            first, start = (first - 1, places[first - 1][0]) if before else (first, start - 1)
        while end - start <= LONGEST and not is_edge(new, end):
            behind = last + 1 < len(places) and places[last + 1][0] == end
            last, end = (last + 1, places[last + 1][1]) if behind else (last, end + 1)
        if end - start <= LONGEST and all(one.reversible for one in changes[first : last + 1]):
            done = end
            since, until = places[first][0] - start, end - places[last][1]
            yield text[changes[first].start - since : changes[last].end + until], new[start:end]


def _rewritten(text: str, changes: Sequence[Change]) -> tuple[str, list[tuple[int, int]]]:
    """The new text, and where in it each change stands."""
    pieces, places, at, length = list[str](), list[tuple[int, int]](), 0, 0
    for one in changes:
        pieces += [text[at : one.start], one.put]
        begins = length + one.start - at
        length, at = begins + len(one.put), one.end
        places.append((begins, length))
    return "".join([*pieces, text[at:]]), places
