"""From a network's scores to spans: the best of all legal sequences of BIOES tags (Viterbi 1967; every legal step is free)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import exp
from operator import add
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Tags = NDArray[np.int64]
_Row: TypeAlias = tuple[float, int, list[float], list[float], list[float]]
"""Of a token the best of O and the S's, which of them that is, and for each label the scores of B, I and E."""
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
    """Tag 0 is O; label `n` has the tags 4n+1 B(egin), 4n+2 I(nside), 4n+3 E(nd), 4n+4 S(ingle)."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels)
        self._illegal = ~legal_steps(len(labels))

    def spans(self, scores: Scores) -> list[Span]:
        """The spans that `scores`, shape (tokens, tags), tell of."""
        tags = self.tags(scores)
        found = tags.nonzero()[0]
        if not found.size:
            return []
        certain = _certainty(scores.take(found, 0))
        runs = _runs(tags[found].tolist())
        tokens = found.tolist()
        return [Span(tokens[a], tokens[b], self._labels[label], _mean(certain, a, b)) for a, b, label in runs]

    def tags(self, scores: Scores) -> Tags:
        """The best legal sequence. Where the best tag of each token already makes a legal one, that is it."""
        tags: Tags = scores.argmax(1)
        path = np.zeros(len(tags) + 2, np.int64)
        path[1:-1] = tags
        broken = np.flatnonzero(self._illegal[path[:-1], path[1:]])
        if broken.size:
            stretches = list(_around(broken, scores))
            rows = _rows(np.concatenate([scores[start:end] for start, end in stretches]))
            for start, end in stretches:
                tags[start:end] = _viterbi(islice(rows, end - start), len(self._labels))
        return tags


def legal_steps(labels: int) -> NDArray[np.bool_]:
    """Which tag may follow which, shape (tags, tags). The text's edges count as O."""
    kind = np.append(0, np.tile([1, 2, 3, 4], labels))
    label = np.append(-1, np.repeat(np.arange(labels), 4))
    inside = (kind == 1) | (kind == 2)
    goes_on = (kind == 2) | (kind == 3)
    same = label[:, None] == label[None, :]
    legal: NDArray[np.bool_] = np.where(inside[:, None], goes_on[None, :] & same, ~goes_on[None, :])
    return legal


def _certainty(scores: Scores) -> list[float]:
    """For each token the probability that it is not O."""
    if len(scores) <= _FEW:
        return [1 - exp(row[0]) / sum(map(exp, row)) for row in scores.tolist()]
    shifted = np.exp(scores - np.maximum.reduce(scores, 1, keepdims=True))
    certain: list[float] = (1 - shifted[:, 0] / np.add.reduce(shifted, 1)).tolist()
    return certain


def _runs(tags: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """Where among these tags, none of them O, each entity begins and ends, and its label."""
    start = 0
    for at, tag in enumerate(tags):
        label, kind = divmod(tag - 1, 4)
        if kind in (0, 3):
            start = at
        if kind >= 2:
            yield start, at, label


def _mean(certain: Sequence[float], first: int, last: int) -> float:
    return certain[first] if first == last else sum(certain[first : last + 1]) / (last - first + 1)


def _around(broken: Tags, scores: Scores) -> Iterator[tuple[int, int]]:
    """The stretches between certain O's that hold an illegal step; `broken[n]` is a step from token n - 1 to n."""
    cold = np.flatnonzero(scores[:, 1:].max(1) < scores[:, 0] - _COLD)
    walls = np.concatenate(([-1], cold, [len(scores)]))
    for wall in dict.fromkeys(walls.searchsorted(broken).tolist()):
        yield int(walls[wall - 1]) + 1, int(walls[wall])


def _rows(scores: Scores) -> Iterator[_Row]:
    """O and the S's, every fourth tag, lead from outside of entities to outside."""
    around = scores[:, ::4]
    columns = (around.max(1), around.argmax(1) * 4, scores[:, 1::4], scores[:, 2::4], scores[:, 3::4])
    return zip(*(column.tolist() for column in columns), strict=True)


def _viterbi(rows: Iterable[_Row], labels: int) -> list[int]:
    """The best legal path between two O's.

    What may follow depends on two things alone: whether one is outside of entities (after O, E, S) or inside (after B, I), and
    of which label.
    """
    outside, inside = 0.0, [_NEVER] * labels
    steps: list[_Step] = []
    for score, tag, begin, stay, end in rows:
        begun, stayed, ended = [outside + b for b in begin], list(map(add, inside, stay)), list(map(add, inside, end))
        outside, left = outside + score, max(ended)
        steps.append((tag if left <= outside else 4 * ended.index(left) + 3, begun, stayed))
        outside, inside = max(outside, left), list(map(max, begun, stayed))
    return _way_back(steps)


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
