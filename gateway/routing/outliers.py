"""Who does much worse than its equals, though it does not fail outright. Pure.

After Envoy's outlier detection: what counts is the comparison, because a model that is slow for everybody is only slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from gateway.routing.window import Sums

_LEAST_CALLS = 5
_TIMES = 3.0  # as slow, or as often failing, as the others
_LEAST_SLOWER_S = 0.5
_LEAST_RATE = 0.2


def is_outlier(mine: Sums, others: Sequence[Sums]) -> bool:
    """Whether one deployment of a tier is much slower, or fails much more, than the median of the others."""
    return _is_slow(mine, others) or _is_failing(mine, others)


def may_eject(ejected: int, size: int) -> bool:
    """Never more than half of a tier: the rest would be given what was too much for all."""
    return (ejected + 1) * 2 <= size


def _is_slow(mine: Sums, others: Sequence[Sums]) -> bool:
    known = [one.mean_s for one in others if one.timed >= _LEAST_CALLS]
    if not known or mine.timed < _LEAST_CALLS:
        return False
    usual = median(known)
    return mine.mean_s > _TIMES * usual and mine.mean_s - usual > _LEAST_SLOWER_S


def _is_failing(mine: Sums, others: Sequence[Sums]) -> bool:
    known = [one.failure_rate for one in others if one.calls >= _LEAST_CALLS]
    if not known or mine.calls < _LEAST_CALLS:
        return False
    return mine.failure_rate >= _LEAST_RATE and mine.failure_rate > _TIMES * median(known)
