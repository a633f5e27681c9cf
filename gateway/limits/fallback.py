"""Limits while the store that all processes share is away: counted by each process alone, where policy says so.

Up to the whole amount then passes in every process. Whoever must not have that writes `when_unavailable: refuse`, the default.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import ProtectionUnavailable, RateLimited
from gateway.limits.limiter import Costs, Limiter, Permit, Standing
from gateway.obligations import Limit

_log = logging.getLogger(__name__)
_REST_S = 1.0


class FallbackLimiter:
    """Asks `shared`, and `own` where that cannot count and the caller may be counted by this process.

    A store that did not answer is left alone for a second, so an outage costs one request of each second its time-out. What
    was counted alone is not told to the store afterwards.
    """

    def __init__(self, shared: Limiter, own: Limiter, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._shared = shared
        self._own = own
        self._monotonic = monotonic
        self._rests_until = 0.0
        self._ill = False

    async def acquire(self, limits: Sequence[Limit], costs: Costs, *, locally: bool = False) -> Permit:
        if not locally:
            return await self._shared.acquire(limits, costs)
        if self._ill and self._monotonic() < self._rests_until:
            return await self._alone(limits, costs)
        self._rests_until = self._monotonic() + _REST_S  # others do not wait while this one tries
        try:
            permit = await self._shared.acquire(limits, costs)
        except ProtectionUnavailable:
            self._note(ill=True)
            self._rests_until = self._monotonic() + _REST_S
            return await self._alone(limits, costs)
        except RateLimited as error:
            if error.retry_after is not None:  # else nobody was asked
                self._note(ill=False)
            raise
        self._note(ill=False)
        return permit

    async def state(self, limits: Sequence[Limit]) -> list[Standing]:
        return await self._shared.state(limits)

    async def reset(self, limit: Limit) -> None:
        """Also what this process counted alone; other processes forget theirs as it drains away."""
        await self._own.reset(limit)
        await self._shared.reset(limit)

    async def close(self) -> None:
        await self._own.close()
        await self._shared.close()

    async def _alone(self, limits: Sequence[Limit], costs: Costs) -> Permit:
        return _Local(await self._own.acquire(limits, costs))

    def _note(self, *, ill: bool) -> None:
        """One line for each change."""
        if ill and not self._ill:
            _log.warning("limits are counted by this process alone: their store does not answer")
        elif self._ill and not ill:
            _log.info("limits are counted by all processes together again")
        self._ill = ill


@dataclass(frozen=True, slots=True)
class _Local:
    """A permit of this process alone. It is given back where it was taken, whatever the store does meanwhile."""

    permit: Permit
    locally: bool = True

    @property
    def headers(self) -> Mapping[str, str]:
        return self.permit.headers

    async def settle(self, actual: Costs) -> None:
        await self.permit.settle(actual)

    async def release(self) -> None:
        await self.permit.release()
