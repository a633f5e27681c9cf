"""From a network's scores to spans: the best of all legal sequences of BIOES tags (Viterbi 1967; every legal step is free)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp
from operator import add
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
_Step: TypeAlias = tuple[int, list[float], list[float]]
"""The best tag that leaves one outside of entities, and for each label what the best paths to its B and its I add up to."""

_COLD = 4.0
"""How far the best entity tag must lie below O (in logits) for a token to part two entities for certain."""
_FEW = 16
"""Tokens for which an array does not pay: after the network has run, a step on one takes microseconds whatever its size."""
_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `first`..`last`, both included."""

    first: int
    last: int
    label: str
    score: float


class Decoder:
    """Tag 0 is O; label `n` has the tags 4n+1 B(egin), 4n+2 I(nside), 4n+3 E(nd), 4n+4 S(ingle); a tag is a byte."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels)
        entity = b"|".join(map(_entity, range(len(labels))))
        self._entities = re.compile(entity, re.DOTALL)
        self._runs = re.compile(rb"((?:%b)++(?![^\0]))|[^\0]++" % entity, re.DOTALL)  # what is not O; group 1: and legal

    def spans(self, scores: Scores) -> list[Span]:
        """The spans that `scores`, shape (tokens, tags), tell of."""
        tags = self.tags(scores)
        found = [entity.span() for entity in self._entities.finditer(tags)]
        if not found:
            return []
        certain = _certainty(scores.take([token for start, end in found for token in range(start, end)], 0))
        spans, done = [], 0
        for start, end in found:
            size = end - start
            score = certain[done] if size == 1 else sum(certain[done : done + size]) / size
            spans.append(Span(start, end - 1, self._labels[(tags[start] - 1) // 4], score))
            done += size
        return spans

    def tags(self, scores: Scores) -> bytes:
        """The best legal sequence. Where the best tag of each token already makes a legal one, that is it."""
        best = scores.argmax(1).astype(np.uint8).tobytes()
        tags, done = bytearray(best), 0
        for run in self._runs.finditer(best):
            if run.lastindex is None and run.start() >= done:
                start, done = _between_walls(scores, *run.span())
                tags[start:done] = _viterbi(scores[start:done].tolist(), len(self._labels))
        return bytes(tags)


def _entity(label: int) -> bytes:
    """What matches the tags of one entity."""
    begin, inside, end, single = (re.escape(bytes([4 * label + kind])) for kind in range(1, 5))
    return b"%b|%b%b*%b" % (single, begin, inside, end)


def _certainty(scores: Scores) -> list[float]:
    """For each token the probability that it is not O."""
    if len(scores) <= _FEW:
        return [1 - exp(row[0]) / sum(map(exp, row)) for row in scores.tolist()]
    shifted = np.exp(scores - np.maximum.reduce(scores, 1, keepdims=True))
    certain: list[float] = (1 - shifted[:, 0] / np.add.reduce(shifted, 1)).tolist()
    return certain


def _between_walls(scores: Scores, start: int, end: int) -> tuple[int, int]:
    """The stretch around these tokens up to certain O's. Whatever illegal step there is, one of its tokens is not O."""
    while start and not _is_wall(scores[start - 1]):
        start -= 1
    while end < len(scores) and not _is_wall(scores[end]):
        end += 1
    return start, end


def _is_wall(scores: Scores) -> bool:
    outside, *others = scores.tolist()
    return bool(max(others) < outside - _COLD)


def _viterbi(rows: Iterable[Sequence[float]], labels: int) -> bytes:
    """The best legal path between two O's.

    What may follow depends on two things alone: whether one is outside of entities (after O, E, S) or inside (after B, I), and
    of which label. O and the S's, every fourth tag, lead from outside to outside.
    """
    outside, inside = 0.0, [_NEVER] * labels
    steps: list[_Step] = []
    for row in rows:
        around = row[::4]
        score = max(around)
        begun, stayed = [outside + begin for begin in row[1::4]], list(map(add, inside, row[2::4]))
        ended = list(map(add, inside, row[3::4]))
        outside, left = outside + score, max(ended)
        steps.append(
            (4 * (around.index(score) if left <= outside else ended.index(left)) + 3 * (left > outside), begun, stayed)
        )
        outside, inside = max(outside, left), list(map(max, begun, stayed))
    return bytes(_way_back(steps))


def _way_back(steps: Sequence[_Step]) -> list[int]:
    """The tags of the best path that ends outside."""
    path: list[int] = []
    label = -1
    for tag, begun, stayed in reversed(steps):
        if label < 0:
            path.append(tag)
            label = tag // 4 if tag % 4 == 3 else -1
        else:
            begins = begun[label] >= stayed[label]
            path.append(4 * label + (1 if begins else 2))
            label = -1 if begins else label
    return path[::-1]
