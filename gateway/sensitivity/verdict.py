"""How sensitive a text is, label by label, and which words say so. Pure.

The score of a text is that of its most telling window: a long document does not hide one paragraph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.sensitivity.features import Reading, read
from gateway.sensitivity.labels import LABELS, Label
from gateway.sensitivity.weights import Weights

_SHORT = 64
_DIGITS = 2
"""Scores are compared as they are written on the record."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a few in a row, as read from the text, and by how much it moved the log-odds of a label."""

    text: str = field(repr=False)
    moved: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """`words` are the most telling ones of the window that gave the score, those that speak for the label first."""

    label: Label
    score: float
    words: tuple[Word, ...]


def scores(weights: Weights, text: str) -> Mapping[str, float]:
    """In 0..1, by label."""
    odds = np.max([one for _, one in _judged(weights, read(text))], axis=0)
    return {label.value: _score(odds[at]) for at, label in enumerate(LABELS)}


def explained(weights: Weights, text: str, most: int = 8) -> tuple[Explanation, ...]:
    """The same scores, each with the words that made it."""
    reading = read(text)
    judged = list(_judged(weights, reading))
    told = []
    for at, label in enumerate(LABELS):
        window, odds = max(judged, key=lambda one: float(one[1][at]))
        words = sorted(_words(weights, reading, window, at), key=lambda word: -word.moved)
        told.append(Explanation(label, _score(odds[at]), tuple(word for word in words[:most] if word.moved > 0)))
    return tuple(told)


def log_odds(weights: Weights, keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of a window, by label. Each n-gram counts once."""
    known = np.unique(keys)
    odds: NDArray[np.float64] = weights.bias + weights.table[known].sum(axis=0, dtype=np.float64) * value_of(len(known))
    return odds


def value_of(count: int) -> float:
    """What each of so many n-grams counts: a long window has length one, and a short one is less sure than a long one."""
    return float(1 / max(_SHORT, count) ** 0.5)


def _judged(weights: Weights, reading: Reading) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    for window in reading.windows():
        yield window, log_odds(weights, reading.keys[window])


def _words(weights: Weights, reading: Reading, window: slice, label: int) -> Iterator[Word]:
    """A word and its beginning are one word to a reader."""
    keys, first = np.unique(reading.keys[window], return_index=True)
    moved: dict[str, float] = {}
    for key, at in zip(keys, first + window.start, strict=True):
        said = reading.text[reading.starts[at] : reading.ends[at]]
        moved[said] = moved.get(said, 0.0) + float(weights.table[key, label])
    for said, weight in moved.items():
        yield Word(" ".join(said.split()), weight * value_of(len(keys)))


def _score(odds: float) -> float:
    return round(float(1 / (1 + np.exp(-np.clip(odds, -30, 30)))), _DIGITS)
