"""Learning from examples under differential privacy: noisy sums first, and all that follows is made of them alone.

What is released is the sum of the texts' vectors for each label, with noise that somebody else draws (OpenDP), and later how
often scores and answers go together, with noise again. The rest is post-processing, which costs nothing (Dwork and Roth 2014,
proposition 2.1): differences of class means as directions (Rocchio 1971), and a calibration.

Everything that is summed is a whole number, cut towards zero, so that no rounding makes a text count more than its bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.sensitivity.features import BUCKETS
from gateway.sensitivity.fit import keys_of
from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.verdict import value_of
from gateway.sensitivity.weights import Weights

Figures = NDArray[np.float64]

FOLDED = 1 << 12
"""Buckets of the sums. With fewer, words share one; with more, sampling the noise takes longer."""
_UNIT = 1_000
"""A text's vector has this length, and its count is as large."""
MOST = 1_415
"""The L2 norm of what one text adds to the sums: its vector and its count, each of length _UNIT."""
MOST_CELLS = len(LABELS)
"""The same of the cells, where a text is in one cell for each label: not less than the square root of their number."""
_EDGES = np.array([-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0])
_BINS = len(_EDGES) + 1
_STRETCH = 40.0
"""Differences of means are some hundredths; the bins want them within some units."""
_TRUST = 2.0
"""A cell that holds less than so many standard deviations of the noise is taken for empty."""

Noise = Callable[[Sequence[int]], Sequence[int]]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A text by its buckets only, and its labels."""

    keys: NDArray[np.int64]
    labels: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """For each label, what tells its texts from the others: the difference of mean vectors, noise and all."""

    vectors: Figures


def example(text: str, labels: frozenset[str]) -> Example:
    return Example(keys_of(text), labels)


def summed(examples: Sequence[Example]) -> list[int]:
    """For each label, and for none, the sum of vectors and then the counts. One example has at most the norm MOST."""
    sums = np.zeros((len(LABELS) + 1, FOLDED + 1), dtype=np.int64)
    for one in examples:
        groups = [at for at, label in enumerate(LABELS) if label in one.labels] or [len(LABELS)]
        share = 1 / len(groups) ** 0.5
        entry = np.floor(share * _UNIT * value_of(len(one.keys)))
        vector = np.minimum(np.bincount(one.keys % FOLDED, minlength=FOLDED), 1) * entry
        for group in groups:
            sums[group, :FOLDED] += vector.astype(np.int64)
            sums[group, FOLDED] += int(share * _UNIT)
    return [int(value) for value in sums.ravel()]


def directions(noisy: Sequence[int]) -> Directions:
    """Of released sums. No entry is set to zero: what noise adds to the score of a text is as small as that of one entry, and
    what many seldom words say together is more.
    """
    sums = np.array(noisy, dtype=np.float64).reshape(len(LABELS) + 1, FOLDED + 1)
    counts = np.maximum(sums[:, FOLDED], _UNIT)
    vectors = np.zeros((FOLDED, len(LABELS)))
    for at in range(len(LABELS)):
        rest = np.delete(sums, at, axis=0)
        among = max(rest[:, FOLDED].sum(), float(_UNIT))
        vectors[:, at] = sums[at, :FOLDED] / counts[at] - rest[:, :FOLDED].sum(axis=0) / among
    return Directions(vectors)


def cells(examples: Sequence[Example], start: Weights, found: Directions) -> list[int]:
    """How many examples have which score of the weights before, which of the direction, and which answer, label by label."""
    counted = np.zeros((len(LABELS), _BINS, _BINS, 2), dtype=np.int64)
    for one in examples:
        before, apart = _scores(one, start, found)
        for at, label in enumerate(LABELS):
            counted[at, _bin(before[at]), _bin(apart[at]), int(label in one.labels)] += 1
    return [int(value) for value in counted.ravel()]


def learnt(noisy: Sequence[int], scale: float, start: Weights, found: Directions) -> Weights:
    """The weights before and the directions, each as far as the released cells, with noise of this scale, say that it helps."""
    full = np.array(noisy, dtype=np.float64)
    counted = np.where(full >= _TRUST * scale, full, 0.0).reshape(len(LABELS), _BINS * _BINS, 2)
    middles = np.concatenate(([-5.0], (_EDGES[1:] + _EDGES[:-1]) / 2, [5.0]))
    at_cell = np.stack((np.repeat(middles, _BINS), np.tile(middles, _BINS), np.ones(_BINS * _BINS)), axis=1)
    slopes = np.stack([_calibrated(at_cell, one) for one in counted])
    apart = np.tile(found.vectors, (BUCKETS // FOLDED, 1)) * _STRETCH
    table = start.table * slopes[:, 0] + apart * slopes[:, 1]
    return Weights(table.astype(np.float32), (start.bias * slopes[:, 0] + slopes[:, 2]).astype(np.float32))


def _scores(one: Example, start: Weights, found: Directions) -> tuple[Figures, Figures]:
    value = value_of(len(one.keys))
    before: Figures = start.bias + start.table[one.keys].sum(axis=0, dtype=np.float64) * value
    apart: Figures = found.vectors[one.keys % FOLDED].sum(axis=0) * value * _STRETCH
    return before, apart


def _bin(score: float) -> int:
    return int(np.searchsorted(_EDGES, score))


def _calibrated(at: Figures, counted: Figures) -> Figures:
    """Slopes and shift of a logistic regression on counted cells (Platt 1999), held back towards leaving the scores alone."""
    usual = np.array([1.0, 0.0, 0.0])
    found, among = usual, max(1.0, float(counted.sum()))
    for _ in range(2_000):
        chance = 1 / (1 + np.exp(-np.clip(at @ found, -30, 30)))
        errors = chance * counted.sum(axis=1) - counted[:, 1]
        found = found - 0.1 * (at.T @ errors / among + (found - usual) * 3 / among)
        found[:2] = np.maximum(found[:2], 0.0)
    return found
