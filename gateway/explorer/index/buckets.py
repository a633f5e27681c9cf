"""Durations in buckets with fixed bounds: they can be added up over hours and tenants, and percentiles be read from them. Pure.

Four buckets to a power of ten: a percentile is told to within 1.78 times its value, and interpolated inside of that.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

BOUNDS_MS: tuple[float, ...] = (
    1, 1.78, 3.16, 5.62, 10, 17.8, 31.6, 56.2, 100, 178, 316, 562, 1_000, 1_780, 3_160, 5_620,
    10_000, 17_800, 31_600, 56_200, 100_000, 178_000, 316_000, 562_000,
)  # fmt: skip
"""The upper bound of each bucket but the last, in milliseconds; changing them asks for a new index."""


def bucket(duration_ms: float) -> int:
    """The number of the bucket that a duration falls into."""
    return bisect_left(BOUNDS_MS, duration_ms)


def buckets_from(duration_ms: float) -> range:
    """All buckets that may hold this duration or a longer one."""
    return range(bucket(duration_ms), len(BOUNDS_MS) + 1)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The duration (ms) that this share of exchanges stays within; None of none. Longer than the last bound counts as that."""
    total = sum(counts.values())
    if total == 0:
        return None
    wanted, passed = share * total, 0
    for number in sorted(counts):
        count = counts[number]
        if passed + count >= wanted and count:
            return _within(number, (wanted - passed) / count)
        passed += count
    return BOUNDS_MS[-1]


def _within(number: int, share: float) -> float:
    upper = BOUNDS_MS[min(number, len(BOUNDS_MS) - 1)]
    lower = 0.0 if number == 0 else BOUNDS_MS[number - 1]
    return lower + (upper - lower) * share
