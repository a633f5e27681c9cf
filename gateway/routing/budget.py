"""How many calls may be made beyond those that clients asked for, so that a fleet in trouble is not given more work for it.

A token bucket as in Finagle's RetryBudget (a fifth of the traffic, as in Google's SRE book, chapter 22), with the AWS SDKs'
rule that a retry which helped costs nothing: while one healthy deployment is left, no request need fail for lack of budget;
where nothing helps, the reserve is soon used up and one call in five remains.
"""

from __future__ import annotations

_SHARE = 0.2
_RESERVE = 100.0


class RetryBudgets:
    """One for each tenant: requests of one that no backend can answer must not cost another its fail-over."""

    def __init__(self) -> None:
        self._of: dict[str, RetryBudget] = {}

    def of(self, tenant: str) -> RetryBudget:
        return self._of.setdefault(tenant, RetryBudget())


class RetryBudget:
    """Of one tenant in one gateway process, in calls."""

    def __init__(self, share: float = _SHARE, reserve: float = _RESERVE) -> None:
        self._share = share
        self._reserve = reserve
        self._left = reserve

    @property
    def left(self) -> bool:
        """Whether one call more may be made."""
        return self._left >= 1

    def earn(self) -> None:
        """A first call was answered."""
        if self._left < self._reserve:
            self._left = min(self._reserve, self._left + self._share)

    def spend(self) -> None:
        """A call more was made and did not help, or had no failure before it."""
        self._left = max(0.0, self._left - 1)


def full_jitter_s(again: int, draw: float, *, base_s: float = 0.05, most_s: float = 2.0) -> float:
    """How long to wait before the same deployment is asked again, the `again`-th time: anything up to twice as much as the time
    before (M. Brooker, Exponential Backoff and Jitter, AWS 2015). `draw` lies in 0..1.
    """
    return draw * min(most_s, base_s * (1 << min(again, 16)))
