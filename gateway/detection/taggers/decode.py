"""From a network's scores to spans: the best of all legal sequences of BIOES tags (Viterbi 1967; every legal step is free)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Tags = NDArray[np.int64]

_COLD = 6.0
"""How far the best entity tag must lie below O (in logits) for a token to part two entities for certain."""


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
        self._legal = legal_steps(len(labels))

    def spans(self, scores: Scores) -> list[Span]:
        """The spans that `scores`, shape (tokens, tags), tell of."""
        tags = self.tags(scores)
        found = np.flatnonzero(tags)
        if not found.size:
            return []
        certain = np.zeros(len(tags), np.float32)
        certain[found] = _certainty(scores[found])
        return [Span(a, b, self._labels[(tags[b] - 1) // 4], float(certain[a : b + 1].mean())) for a, b in _runs(tags, found)]

    def tags(self, scores: Scores) -> Tags:
        """The best legal sequence. Where the best tag of each token already makes a legal one, that is it."""
        tags: Tags = scores.argmax(1)
        before, after = np.append(0, tags), np.append(tags, 0)
        broken = np.flatnonzero(~self._legal[before, after])
        if not broken.size:
            return tags
        for start, end in _around(broken, tags, scores):
            tags[start:end] = _viterbi(scores[start:end].tolist(), len(self._labels))
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


def _runs(tags: Tags, found: Tags) -> Iterator[tuple[int, int]]:
    """First and last token of each entity."""
    start = -1
    for at in found.tolist():
        kind = (int(tags[at]) - 1) % 4
        if kind in (0, 3):
            start = at
        if kind in (2, 3):
            yield start, at


def _around(broken: Tags, tags: Tags, scores: Scores) -> Iterator[tuple[int, int]]:
    """The stretches between certain O's that hold an illegal step; `broken[n]` is a step from token n - 1 to n."""
    outside = tags == 0
    done = 0
    for at in broken.tolist():
        if at < done:
            continue
        start, end = at, at
        while start > done and not (outside[start - 1] and _is_cold(scores[start - 1])):
            start -= 1
        while end < len(tags) and not (outside[end] and _is_cold(scores[end])):
            end += 1
        yield start, end
        done = end


def _is_cold(scores: Scores) -> bool:
    return bool(scores[1:].max() < scores[0] - _COLD)


def _viterbi(rows: list[list[float]], labels: int) -> list[int]:
    """The best legal path between two O's."""
    low = float("-inf")
    best = [low] * (4 * labels + 1)
    best[0] = 0.0
    back: list[list[int]] = []
    for row in rows:
        free = max((0, *range(3, len(best), 4), *range(4, len(best), 4)), key=best.__getitem__)
        came, now = [free] * len(best), [best[free] + score for score in row]
        for begin in range(1, len(best), 4):
            inside = begin if best[begin] >= best[begin + 1] else begin + 1
            for tag in (begin + 1, begin + 2):
                came[tag], now[tag] = inside, best[inside] + row[tag]
        back.append(came)
        best = now
    at = max((0, *range(3, len(best), 4), *range(4, len(best), 4)), key=best.__getitem__)
    path = []
    for came in reversed(back):
        path.append(at)
        at = came[at]
    return path[::-1]
