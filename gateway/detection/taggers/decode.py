"""From a network's scores to spans: the best of all legal sequences of BIOES tags (Viterbi 1967; every legal step is free)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import add
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Tags = NDArray[np.int64]
_Step: TypeAlias = tuple[int, list[float], list[float]]
"""A row's best way to be outside of entities after it (a tag), and for each label what beginning and staying inside add up to."""

_COLD = 6.0
"""How far the best entity tag must lie below O (in logits) for a token to part two entities for certain."""
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
        found = np.flatnonzero(tags)
        if not found.size:
            return []
        told, certain = tags[found] - 1, _certainty(scores[found])
        kinds, labels = told % 4, told // 4
        begins, ends = np.flatnonzero((kinds == 0) | (kinds == 3)), np.flatnonzero(kinds >= 2)
        columns = (found[begins].tolist(), found[ends].tolist(), labels[begins].tolist(), _means(certain, begins, ends))
        return [Span(first, last, self._labels[n], score) for first, last, n, score in zip(*columns, strict=True)]

    def tags(self, scores: Scores) -> Tags:
        """The best legal sequence. Where the best tag of each token already makes a legal one, that is it."""
        tags: Tags = scores.argmax(1)
        path = np.zeros(len(tags) + 2, np.int64)
        path[1:-1] = tags
        broken = np.flatnonzero(self._illegal[path[:-1], path[1:]])
        if broken.size:
            for start, end in _around(broken, scores):
                tags[start:end] = _viterbi(scores[start:end])
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


def _certainty(scores: Scores) -> Scores:
    """For each token the probability that it is not O."""
    shifted = np.exp(scores - scores.max(1, keepdims=True))
    result: Scores = 1 - shifted[:, 0] / shifted.sum(1)
    return result


def _means(certain: Scores, begins: Tags, ends: Tags) -> list[float]:
    """The mean over each entity; `ends` are the places of their last tokens."""
    means = certain[begins]
    for at in np.flatnonzero(begins < ends).tolist():
        first, after = begins[at], ends[at] + 1
        means[at] = np.add.reduce(certain[first:after]) / np.float32(after - first)
    return means.tolist()


def _around(broken: Tags, scores: Scores) -> Iterator[tuple[int, int]]:
    """The stretches between certain O's that hold an illegal step; `broken[n]` is a step from token n - 1 to n."""
    cold = np.flatnonzero(scores[:, 1:].max(1) < scores[:, 0] - _COLD)
    walls = np.concatenate(([-1], cold, [len(scores)]))
    for wall in dict.fromkeys(walls.searchsorted(broken).tolist()):
        yield int(walls[wall - 1]) + 1, int(walls[wall])


def _viterbi(scores: Scores) -> list[int]:
    """The best legal path between two O's.

    What may follow depends on two things alone: whether one is outside of entities (after O, E, S) or inside (after B, I), and
    of which label. O and the S's, every fourth tag, lead from outside to outside.
    """
    around = scores[:, ::4]
    columns = (around.max(1), around.argmax(1) * 4, scores[:, 1::4], scores[:, 2::4], scores[:, 3::4])
    outside, inside = 0.0, [_NEVER] * (around.shape[1] - 1)
    steps: list[_Step] = []
    for score, tag, begin, stay, end in zip(*(column.tolist() for column in columns), strict=True):
        begun, stayed, ended = [outside + b for b in begin], list(map(add, inside, stay)), list(map(add, inside, end))
        outside, left = outside + score, max(ended)
        if left > outside:
            outside, tag = left, 4 * ended.index(left) + 3
        inside = list(map(max, begun, stayed))
        steps.append((tag, begun, stayed))
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
