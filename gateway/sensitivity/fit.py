"""Logistic regression over hashed n-grams: one label against the rest. Pure NumPy.

Nesterov's accelerated gradient on the whole set (Nesterov 1983): convex, no randomness, the same weights every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.sensitivity.features import BUCKETS, read
from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.verdict import value_of
from gateway.sensitivity.weights import Weights

Answers = NDArray[np.float64]

_RARE = 3.0
"""N-grams that are seldomer than this are not stretched further."""
_POWERS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Texts as sparse rows, and by label whether they are about it.

    `buckets` are those that occur, a column for each; the last column is the bias. `columns`, `values` and `rows` say what
    stands where.
    """

    buckets: NDArray[np.int64] = field(repr=False)
    columns: NDArray[np.int64] = field(repr=False)
    values: NDArray[np.float64] = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)
    answers: Answers = field(repr=False)

    def __len__(self) -> int:
        return len(self.answers)

    @property
    def width(self) -> int:
        return len(self.buckets) + 1

    def times(self, table: Answers) -> Answers:
        """The rows by a table of weights."""
        of = self.values[:, None] * table[self.columns]
        return np.stack([np.bincount(self.rows, of[:, at], len(self)) for at in range(table.shape[1])], axis=1)

    def back(self, errors: Answers) -> Answers:
        """The transpose: what each column has to do with the errors."""
        of = self.values[:, None] * errors[self.rows]
        return np.stack([np.bincount(self.columns, of[:, at], self.width) for at in range(errors.shape[1])], axis=1)


def lessons(texts: Sequence[str], labels: Sequence[frozenset[str]]) -> Lessons:
    """Of each text the first window counts."""
    found = [keys_of(text) for text in texts]
    sizes = np.array([len(keys) for keys in found])
    buckets, columns = np.unique(np.concatenate(found), return_inverse=True)
    each = np.arange(len(found))
    answers = np.array([[label.value in own for label in LABELS] for own in labels], dtype=np.float64)
    return Lessons(
        buckets=buckets,
        columns=np.concatenate((columns, np.full(len(found), len(buckets)))),
        values=np.concatenate((np.repeat([value_of(int(size)) for size in sizes], sizes), np.ones(len(found)))),
        rows=np.concatenate((np.repeat(each, sizes), each)),
        answers=answers.reshape(len(found), len(LABELS)),
    )


def keys_of(text: str) -> NDArray[np.int64]:
    """The buckets of a text's first window, each once."""
    reading = read(text)
    return np.unique(reading.keys[next(reading.windows())])


def fitted(
    taught: Lessons, *, penalty: float, rounds: int = 300, start: Weights | None = None, emphasis: float = 1.0
) -> Weights:
    """Weights close to `start` (or to zero) that answer as taught: the mean loss, and `penalty` for half the squared distance,
    in which rare n-grams count less. A text that is about a label counts `emphasis` times for it. The bias of a label that no
    text has, or every one, stays: nothing would hold it.
    """
    scale = _scale(taught)[:, None]
    known = _over(start)
    before = np.vstack((known.table[taught.buckets], known.bias)).astype(np.float64) / scale
    held = np.append(np.ones(len(taught.buckets)), 0.0)[:, None]  # all but the bias
    both = taught.answers.any(axis=0) & ~taught.answers.all(axis=0)
    step = 1 / (emphasis * 0.25 * _curvature(taught, scale) + penalty)
    found = ahead = before
    for turn in range(rounds):
        odds = taught.times(scale * ahead)
        weighed = 1 + (emphasis - 1) * taught.answers
        errors = weighed * (1 / (1 + np.exp(-odds)) - taught.answers) / len(taught)
        slope = scale * taught.back(errors) + penalty * (ahead - before) * held
        slope[-1] *= both
        nearer = ahead - step * slope
        ahead, found = nearer + turn / (turn + 3) * (nearer - found), nearer
    table = known.table.copy()
    table[taught.buckets] = (scale * found)[:-1]
    return Weights(table, (scale * found)[-1].astype(np.float32))


def _over(start: Weights | None) -> Weights:
    empty = (np.zeros((BUCKETS, len(LABELS)), dtype=np.float32), np.zeros(len(LABELS), dtype=np.float32))
    return Weights(*empty) if start is None else start


def _scale(taught: Lessons) -> Answers:
    """By how much each column is stretched: gradients of rare n-grams would take thousands of rounds otherwise."""
    seen = np.bincount(taught.columns, minlength=taught.width)
    stretched: Answers = (len(taught) / (seen + _RARE)) ** 0.5
    stretched[-1] = 1.0
    return stretched


def _curvature(taught: Lessons, scale: Answers) -> float:
    """The largest eigenvalue of the rows' second moments, by power iteration (a tenth more, for it comes from below)."""
    towards = np.ones((taught.width, 1))
    for _ in range(_POWERS):
        towards = towards / np.linalg.norm(towards)
        towards = scale * taught.back(taught.times(scale * towards)) / len(taught)
    return float(np.linalg.norm(towards)) * 1.1
