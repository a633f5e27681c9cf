"""Numbers become integers: a scale for each row of a matrix, a scale for each vector. Pure.

What is computed under encryption is exact on the integers made here, so their width alone decides how far the answers are from
those of the model in float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


class UnusableBits(ValueError):
    """A width that integers of 16 bits do not hold, or that leaves nothing of a number."""


@dataclass(frozen=True, slots=True)
class Bits:
    """Bits of a weight and of an activation, sign included: w11a13 is `Bits(11, 13)`. Raises UnusableBits.

    Two bits make a weight -1, 0 or 1, which models can live with, but leave of an activation hardly more than its sign.
    """

    weight: int = 11
    activation: int = 13

    def __post_init__(self) -> None:
        if not (2 <= self.weight <= 15 and 3 <= self.activation <= 20):
            raise UnusableBits("weights have 2 to 15 bits, activations 3 to 20")

    def __str__(self) -> str:
        return f"w{self.weight}a{self.activation}"

    @property
    def most_weight(self) -> int:
        """The largest weight."""
        return (1 << (self.weight - 1)) - 1

    @property
    def most_activation(self) -> int:
        """The largest activation."""
        return (1 << (self.activation - 1)) - 1


@dataclass(frozen=True, slots=True)
class Quantised:
    """A matrix: integers, and what each row has to be multiplied by."""

    rows: NDArray[np.int16]
    scales: Floats

    def norms(self) -> NDArray[np.float64]:
        """The Euclidean length of each row of integers."""
        return np.asarray(np.sqrt(np.square(self.rows, dtype=np.float64).sum(axis=1)))


@dataclass(frozen=True, slots=True)
class Vectors:
    """Activations of several positions: integers, and a scale for each position."""

    integers: Integers
    scales: NDArray[np.float64]


def quantise_matrix(weights: Floats, bits: Bits) -> Quantised:
    """Round to nearest; a row of zeros stays one."""
    scales = np.abs(weights).max(axis=1) / bits.most_weight
    safe = np.where(scales > 0, scales, 1.0).astype(np.float32)
    rows = np.clip(np.rint(weights / safe[:, None]), -bits.most_weight, bits.most_weight)
    return Quantised(rows.astype(np.int16), safe)


def quantise_vectors(values: Floats, bits: Bits, longest: float) -> Vectors:
    """Round to nearest, on a scale on which no number exceeds the bits and no vector the Euclidean length `longest`.

    The second bound is what makes an overflow impossible: by Cauchy and Schwarz no product exceeds |row| * longest. Rounding
    moves a vector by at most sqrt(n)/2, which is taken off first. Raises ValueError for numbers that are not finite.
    """
    exact = np.asarray(values, dtype=np.float64)
    if not np.isfinite(exact).all():
        raise ValueError("an activation is not a finite number")
    room = longest - np.sqrt(exact.shape[1]) / 2
    lengths = np.sqrt(np.square(exact).sum(axis=1))
    scales = np.maximum(np.abs(exact).max(axis=1) / bits.most_activation, lengths / room)
    safe = np.where(scales > 0, scales, 1.0)
    return Vectors(np.rint(exact / safe[:, None]).astype(np.int64), safe)


def dequantise(products: Integers, vectors: Vectors, row_scales: Floats) -> Floats:
    """The numbers that integer products (positions x rows) stand for."""
    return np.asarray(products * vectors.scales[:, None] * row_scales, dtype=np.float32)
