"""How sure a share is, and how far one is from the best. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)
"""95 %, two-sided."""
FOUR_FIFTHS = 0.8
"""A rate below four fifths of the highest is a mark of adverse impact in selection for work (29 CFR 1607.4(D)). It was made for
hiring; here it marks where to look first, and says nothing about law."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `n`."""

    hits: int
    n: int

    @property
    def share(self) -> float:
        return self.hits / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval at 95 % (Wilson, JASA 22, 1927), which also holds at 0 and 1; all of 0..1 without trials."""
        if not self.n:
            return 0.0, 1.0
        share, z2 = self.share, _Z * _Z
        middle = (share + z2 / (2 * self.n)) / (1 + z2 / self.n)
        half = _Z / (1 + z2 / self.n) * sqrt(share * (1 - share) / self.n + z2 / (4 * self.n * self.n))
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(slots=True)
class Ratio:
    """A sum by another sum over units of different size, with its error by linearisation (Cochran, Sampling Techniques, 1977,
    6.4): findings lie together in some requests, so they are not counted as if each came by itself.
    """

    n: int = 0
    _y: float = 0.0
    _x: float = 0.0
    _yy: float = 0.0
    _xx: float = 0.0
    _xy: float = 0.0

    def add(self, y: float, x: float) -> None:
        self.n += 1
        self._y += y
        self._x += x
        self._yy += y * y
        self._xx += x * x
        self._xy += x * y

    @property
    def value(self) -> float | None:
        """None where there is nothing to divide by."""
        return self._y / self._x if self._x else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """At 95 %; None for fewer than two units."""
        value = self.value
        if value is None or self.n < 2:
            return None
        spread = max(0.0, self._yy - 2 * value * self._xy + value * value * self._xx) * self.n / (self.n - 1)
        half = _Z * sqrt(spread) / self._x
        return max(0.0, value - half), value + half


def ratio(share: float, best: float) -> float:
    """Of a rate to the best one; 1 where all are 0."""
    return share / best if best else 1.0
