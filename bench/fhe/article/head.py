"""One attention head in small integers, the same in NumPy and under encryption. Needs NumPy alone.

As in "Towards Encrypted Large Language Models with FHE" (Zama, 2023): projections with clear weights, and after each step a
table that brings the numbers back to a few bits. Positions are turned (RoPE) by the weights, of which each has its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]
Function = Callable[[Floats], Integers]
Tabulate = Callable[[Function], Callable[[Any], Any]]
"""Makes a function of one number into what computes it: a table under encryption, the function itself in clear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`weights` (positions, inputs, 3 x size) hold queries, keys and values. A step is the number that 1 stands for: of inputs;
    of weights and of results, for queries, keys and values.
    """

    bits: int
    weights: Integers = field(repr=False)
    input_step: float
    weight_steps: tuple[float, ...]
    steps: tuple[float, ...]

    @property
    def most(self) -> int:
        """The largest signed number."""
        return most_of(self.bits)

    @property
    def full(self) -> int:
        """The largest unsigned number."""
        return int(2**self.bits - 1)

    @property
    def size(self) -> int:
        """Length of a query."""
        return int(self.weights.shape[2]) // 3

    def integers(self, states: Floats) -> Integers:
        """Inputs as integers."""
        return rounded(states / self.input_step, -self.most, self.most)

    def numbers(self, outputs: Integers) -> Floats:
        """What integers of the output stand for."""
        return np.asarray(outputs * self.steps[2] / self.full)

    def attended(self, states: Any, tabulate: Tabulate) -> Any:
        """Integers of the output (positions, size) of integers of the input (positions, inputs)."""
        count, size = len(self.weights), self.size
        joined = np.concatenate(tuple((states[n] @ self.weights[n]).reshape(1, 3 * size) for n in range(count)))
        queries, keys, values = (tabulate(self._smaller(n))(joined[:, n * size : (n + 1) * size]) for n in range(3))
        scores = queries @ np.transpose(keys)
        tops = np.concatenate(tuple(_largest(scores, n, tabulate).reshape(1, 1) for n in range(count)))
        powers = tabulate(self._power)(scores - tops) * np.tril(np.ones((count, count), dtype=np.int64))
        shares = tabulate(self._inverse)(np.sum(powers, axis=1)).reshape(count, 1)
        chances = tabulate(self._chance)(powers * shares)
        return chances @ values + np.sum(tabulate(self._halved)(values), axis=0)

    @property
    def score_step(self) -> float:
        """Of a product of queries and keys."""
        return float(self.steps[0] * self.steps[1] / np.sqrt(self.size))

    def _smaller(self, part: int) -> Function:
        factor = self.input_step * self.weight_steps[part] / self.steps[part]
        return lambda sums: rounded(sums * factor, -self.most, self.most)

    def _power(self, below: Floats) -> Integers:
        """Of scores less the largest of their row; what a position must not see may be larger."""
        return rounded(self.full * np.exp(np.minimum(below * self.score_step, 0)), 0, self.full)

    def _inverse(self, sums: Floats) -> Integers:
        """Of at least one largest power."""
        return rounded(self.full * self.full / np.maximum(sums, self.full), 1, self.full)

    def _chance(self, products: Floats) -> Integers:
        """Less a half, to be signed as values are: Concrete 2.11 multiplies unsigned by signed numbers wrongly."""
        return rounded(products / self.full, 0, self.full) - (self.most + 1)

    def _halved(self, values: Floats) -> Integers:
        """What chances lack, times values. By a table: a factor would make the noise larger, and with it all parameters."""
        return np.asarray(values * (self.most + 1)).astype(np.int64)


def _largest(scores: Any, row: int, tabulate: Tabulate) -> Any:
    """Of what the position in a row may see."""
    top = scores[row, 0]
    for n in range(1, row + 1):
        top = top + tabulate(_above_zero)(scores[row, n] - top)
    return top


def _above_zero(difference: Floats) -> Integers:
    return np.maximum(np.asarray(difference), 0).astype(np.int64)


def calibrated(bits: int, windows: Floats, weights: Floats) -> Head:
    """For texts like these (texts, positions, inputs); `weights` (positions, inputs, 3 x size) are those in float."""
    most, size = most_of(bits), weights.shape[2] // 3
    joined = np.einsum("tpi,pio->tpo", windows, weights)
    parts = [slice(n * size, (n + 1) * size) for n in range(3)]
    weight_steps = tuple(_step(weights[..., part], bits) for part in parts)
    integers = [rounded(weights[..., part] / step, -most, most) for part, step in zip(parts, weight_steps, strict=True)]
    return Head(
        bits=bits,
        weights=np.concatenate(integers, axis=2),
        input_step=_step(windows, bits),
        weight_steps=weight_steps,
        steps=tuple(_step(joined[..., part], bits) for part in parts),
    )


def _step(values: Floats, bits: int) -> float:
    """What is beyond as many root mean squares as there are bits is cut off: with few bits a wider step loses more."""
    widest = min(float(np.abs(values).max()), bits * float(np.sqrt(np.square(values).mean())))
    return widest / most_of(bits)


def in_clear(function: Function) -> Callable[[Any], Any]:
    """The function itself."""
    return function


def most_of(bits: int) -> int:
    """The largest signed number of so many bits."""
    return int(2 ** (bits - 1) - 1)


def rounded(values: Floats, least: int, most: int) -> Integers:
    """The nearest integers between two."""
    return np.asarray(np.clip(np.rint(values), least, most)).astype(np.int64)
