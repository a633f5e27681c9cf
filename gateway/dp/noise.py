"""The mechanisms, by OpenDP: whole numbers with discrete Gaussian noise, and quantiles by the exponential mechanism.

No noise is made here. OpenDP samples exactly, with integer arithmetic and cryptographic randomness: noise in floating point
would betray the value beneath it (Mironov 2012, https://doi.org/10.1145/2382196.2382264). Each mechanism tells its own cost.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from gateway.dp import accountant
from gateway.dp.library import opendp
from gateway.errors import InvalidRequest

CONFIDENCE = 0.95
_LEAST_SCALE, _MOST_SCALE = 1e-6, 1e15
_COUNTED_OUT = 1e4
"""The scale up to which OpenDP is asked for a discrete Gaussian's interval: it adds up one number after the other, which takes
minutes for a sum of tokens and never ends for larger ones."""
_STEPS = 24
"""Candidates for a quantile in each power of ten: it is told to within a tenth of its value."""


@dataclass(frozen=True, slots=True)
class NoisySums:
    """Sums of all groups at once. A unit has at most `rows` rows, which add at most `most` each: however they are spread over
    the groups, they move the sums by `rows * most` at most, in the L2 norm.
    """

    scale: float
    rho: float
    interval: int
    _measurement: Any = field(repr=False)

    @classmethod
    def within(cls, rho: float, rows: int, most: int) -> NoisySums:
        """The least noise that costs no more than `rho`. Raises InvalidRequest or ProtectionUnavailable."""
        distance = float(rows * most)
        scale = _least_scale(_sums, distance, rho)
        made = _sums(scale)
        return cls(scale, float(made.map(distance)), _interval(scale), made)

    def release(self, sums: Sequence[int]) -> list[int]:
        """To be called once: each call costs `rho`. The sum lies within `interval` of its value with CONFIDENCE."""
        return [int(value) for value in self._measurement(list(sums))]


@dataclass(frozen=True, slots=True)
class NoisyQuantiles:
    """A quantile of each group, out of fixed candidates. A unit's rows may all be in each: their costs are added up."""

    scale: float
    rho: float
    _candidates: Sequence[int] = field(repr=False)
    _measurement: Any = field(repr=False)

    @classmethod
    def within(cls, rho: float, rows: int, groups: int, quantile: float, most: int) -> NoisyQuantiles:
        """The least noise that costs no more than `rho` for so many groups. Raises as above."""
        among = candidates(most)
        scale = _least_scale(lambda scale: _quantile(scale, quantile, among), rows, rho / groups)
        made = _quantile(scale, quantile, among)
        return cls(scale, accountant.total((float(made.map(rows)),) * groups), among, made)

    def release(self, values: Mapping[str, Sequence[int]]) -> dict[str, int]:
        """Of values up to `most`. To be called once: each call costs `rho`."""
        return {group: int(self._measurement([self._rounded(value) for value in of])) for group, of in values.items()}

    def _rounded(self, value: int) -> int:
        """Up to a candidate: where many have one value, and it is none, all candidates would be equally far from the truth."""
        return self._candidates[bisect_left(self._candidates, value)]


def candidates(most: int) -> list[int]:
    """0, and whole numbers at equal ratios up to `most`."""
    powers = (round(10 ** (step / _STEPS)) for step in range(_STEPS * len(str(most)) + 1))
    return sorted({0, most, *(power for power in powers if power < most)})


def _least_scale(make: Callable[[float], Any], distance: float, rho: float) -> float:
    if not make(_MOST_SCALE).map(distance) <= rho:
        raise InvalidRequest("These bounds take more noise than a number can hold: lower them, or spend more.", param="most")
    found = opendp().binary_search(lambda scale: make(scale).map(distance) <= rho, bounds=(_LEAST_SCALE, _MOST_SCALE))
    return float(found)


def _interval(scale: float) -> int:
    """Of larger scales the continuous Gaussian's, a little wider: the tail of the discrete one from m on is no heavier than the
    continuous one's from m - 1 on (Canonne, Kamath and Steinke 2020, https://arxiv.org/abs/2004.00010).
    """
    if scale <= _COUNTED_OUT:
        return int(opendp().discrete_gaussian_scale_to_accuracy(scale, 1 - CONFIDENCE))
    wide: float = opendp().gaussian_scale_to_accuracy(scale, 1 - CONFIDENCE)
    return ceil(wide) + 1


def _sums(scale: float) -> Any:
    library = opendp()
    space = library.vector_domain(library.atom_domain(T="i64")), library.l2_distance(T="f64")
    return library.m.make_gaussian(*space, scale=scale)


def _quantile(scale: float, quantile: float, among: Sequence[int]) -> Any:
    library = opendp()
    return library.m.make_private_quantile(
        library.vector_domain(library.atom_domain(T="i64")),
        library.symmetric_distance(),
        library.zero_concentrated_divergence(),
        list(among),
        quantile,
        scale,
    )
