"""Learning from examples under differential privacy: a few steps of gradient descent, each on all units and each with noise.

What is learnt is a correction of weights that were there before: a mix of their four log-odds, a shift, and hashed words. Its
features are public and few. In every step the gradients of each unit's examples are averaged and clipped, the sum over all
units gets noise that somebody else draws (OpenDP), and everything else is made of such noisy sums alone: post-processing, which
costs nothing (Dwork and Roth 2014, proposition 2.1). This is DP-SGD (Abadi et al. 2016, https://arxiv.org/abs/1607.00133)
without sampling: all examples fit into every step, which learns more for as much (De et al. 2022,
https://arxiv.org/abs/2204.13650), and OpenDP can add up its cost and draw its noise exactly.

The correction is linear in the words of a text, so what comes out are weights like any others, which say what moved them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.sensitivity.features import BUCKETS
from gateway.sensitivity.fit import keys_of
from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.verdict import log_odds, value_of
from gateway.sensitivity.weights import Weights

Figures = NDArray[np.float64]
Noise = Callable[[Sequence[int]], Sequence[int]]

STEPS = 8
CLIP = 10_000
"""What one unit adds to the sums of a step is a vector of whole numbers of at most this length: `_LONGEST` of its gradient."""
FOLDED = 1 << 11
"""Hashed words of the correction. With fewer, words share one; with more, drawing the noise takes longer."""
_LONGEST = 2.5
_USUAL, _SPREAD = -3.0, 3.0
"""The log-odds of generated texts lie around the one, as far as the other: features should be around zero, and not be large."""
_WORDS = 3.0
"""How much a word weighs beside the log-odds. A word teaches more the more it weighs, and so does the noise."""
_STRAY = 0.6
"""By how much noise may move the log-odds of a text: the more examples and epsilon, the longer steps may be."""
_FARTHEST = 6.0
"""Longer steps would not settle."""
_HEAD = len(LABELS) + 1
WIDTH = _HEAD + FOLDED


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A text by its buckets only, its labels, and whose it is."""

    keys: NDArray[np.int64] = field(repr=False)
    labels: frozenset[str] = field(repr=False)
    unit: int = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """Examples as sparse rows of features. `rows`, `columns` and `values` say what stands where; `units` is each row's unit,
    and `shares` one by the number of rows that its unit has; `before` are the log-odds of the weights before.
    """

    rows: NDArray[np.int64] = field(repr=False)
    columns: NDArray[np.int64] = field(repr=False)
    values: Figures = field(repr=False)
    units: NDArray[np.int64] = field(repr=False)
    shares: Figures = field(repr=False)
    before: Figures = field(repr=False)
    answers: Figures = field(repr=False)


def example(text: str, labels: frozenset[str], unit: int) -> Example:
    """Units are numbered from 0."""
    return Example(keys_of(text), labels, unit)


def taught(examples: Sequence[Example], start: Weights) -> Taught:
    """Of at least one example."""
    before = np.array([log_odds(start, one.keys) for one in examples])
    heads = np.column_stack(((before - _USUAL) / _SPREAD, np.ones(len(examples))))
    sizes = np.array([len(one.keys) for one in examples])
    each, units = np.arange(len(examples)), np.array([one.unit for one in examples])
    weighed = np.array([_WORDS * value_of(int(size)) for size in sizes])
    return Taught(
        rows=np.concatenate((np.repeat(each, _HEAD), np.repeat(each, sizes))),
        columns=np.concatenate([np.tile(np.arange(_HEAD), len(examples)), *(_HEAD + one.keys % FOLDED for one in examples)]),
        values=np.concatenate((heads.ravel(), np.repeat(weighed, sizes))),
        units=units,
        shares=1 / np.bincount(units)[units],
        before=before,
        answers=np.array([[label.value in one.labels for label in LABELS] for one in examples], dtype=np.float64),
    )


def summed(lessons: Taught, correction: Figures) -> list[int]:
    """The gradients of all units, each averaged over its rows and clipped. One unit adds a vector of length CLIP at most."""
    odds = lessons.before + _times(lessons, correction)
    errors = (1 / (1 + np.exp(-np.clip(odds, -30, 30))) - lessons.answers) * lessons.shares[:, None]
    cells, at = np.unique(lessons.units[lessons.rows] * WIDTH + lessons.columns, return_inverse=True)
    entries = np.column_stack([np.bincount(at, lessons.values * one[lessons.rows], len(cells)) for one in errors.T])
    owners = cells // WIDTH
    lengths = np.sqrt(np.bincount(owners, (entries**2).sum(axis=1)))
    whole = np.trunc(entries * (CLIP * (1 - 1e-9) / np.maximum(lengths, _LONGEST))[owners, None])
    sums = np.column_stack([np.bincount(cells % WIDTH, one, WIDTH) for one in whole.T])
    return [int(value) for value in sums.ravel()]


def learnt(lessons: Taught, start: Weights, units: float, scale: float, noise: Noise) -> Weights:
    """`noise` is called STEPS times, with what `summed` told; `scale` is its standard deviation. `units` is about how many
    there are: noisy itself, or public. What is kept is the mean of the later steps, in which noise cancels out in part.
    """
    step = min(_FARTHEST, _STRAY * units / (_WORDS * _LONGEST * STEPS**0.5) * CLIP / scale)
    correction, kept = np.zeros((WIDTH, len(LABELS))), np.zeros((WIDTH, len(LABELS)))
    for turn in range(STEPS):
        slope = np.array(noise(summed(lessons, correction)), dtype=np.float64).reshape(correction.shape)
        correction = correction - step * slope * (_LONGEST / CLIP / units)
        kept += correction if turn >= STEPS // 2 else 0.0
    return corrected(start, kept / (STEPS - STEPS // 2))


def corrected(start: Weights, correction: Figures) -> Weights:
    """The weights before and the correction as one table: a text's features are linear in what it is made of."""
    mix = correction[: len(LABELS)] / _SPREAD
    words = np.tile(correction[_HEAD:], (BUCKETS // FOLDED, 1)) * _WORDS
    table = start.table + start.table @ mix + words
    bias = start.bias + (start.bias - _USUAL) @ mix + correction[_HEAD - 1]
    return Weights(table.astype(np.float32), bias.astype(np.float32))


def _times(lessons: Taught, correction: Figures) -> Figures:
    of = lessons.values[:, None] * correction[lessons.columns]
    return np.column_stack([np.bincount(lessons.rows, one, len(lessons.units)) for one in of.T])
