"""Counts over time: GCRA, by the atomic steps of throttled-py."""

from __future__ import annotations

import math
from collections.abc import Sequence

from throttled.asyncio.rate_limiter.gcra import (
    MemoryLimitAtomicAction,
    MemoryPeekAtomicAction,
    RedisLimitAtomicAction,
    RedisPeekAtomicAction,
)
from throttled.asyncio.store import BaseAtomicAction, BaseStore, MemoryStore

from gateway.limits.actions import LONGEST_DEBT_S, Figures, MemoryAdjust, MemoryForget, RedisAdjust, RedisForget
from gateway.limits.counters import answering
from gateway.limits.foreign import Step
from gateway.limits.keys import Naming
from gateway.limits.limiter import Standing
from gateway.obligations import Limit

LARGEST_QUOTA = 2**53
"""The library counts in floats. Policy may write more, which nobody can use up."""

_IN_MEMORY = (MemoryLimitAtomicAction, MemoryPeekAtomicAction, MemoryAdjust, MemoryForget)
_ON_REDIS = (RedisLimitAtomicAction, RedisPeekAtomicAction, RedisAdjust, RedisForget)
_ROUNDING = 1e-3  # of one


class Rates:
    """A Counter for requests, tokens and spend."""

    def __init__(self, store: BaseStore, keys: Naming) -> None:
        steps: Sequence[type[BaseAtomicAction]] = _IN_MEMORY if store.TYPE == MemoryStore.TYPE else _ON_REDIS
        made: list[Step] = [store.make_atomic(step) for step in steps]
        self._limit, self._peek, self._adjust, self._forget = made
        self._keys = keys

    async def take(self, limit: Limit, cost: int, holder: int) -> Standing:  # noqa: ARG002  (a rate is anybody's)
        return await self._done(self._limit, limit, cost)

    async def adjust(self, limit: Limit, by: int, holder: int) -> Standing:  # noqa: ARG002
        return await self._done(self._adjust, limit, min(by, int(LONGEST_DEBT_S / _interval(limit))))

    async def standing(self, limit: Limit) -> Standing:
        _, _, reset_s, _ = await self._figures(self._peek, limit)
        return Standing(limit=limit, remaining=_remaining(limit, reset_s), reset_s=reset_s)

    async def reset(self, limit: Limit) -> None:
        await self._figures(self._forget, limit)

    async def close(self) -> None:
        """The store is closed by whoever opened it."""

    async def _done(self, step: Step, limit: Limit, cost: int) -> Standing:
        refused, _, reset_s, retry_s = await self._figures(step, limit, cost)
        remaining = _remaining(limit, reset_s)
        return Standing(limit=limit, remaining=remaining, reset_s=reset_s, retry_s=retry_s if refused else None)

    async def _figures(self, step: Step, limit: Limit, *cost: int) -> Figures:
        with answering():
            return await step.do([self._keys.name(limit)], [_interval(limit), _capacity(limit), *cost])


def _capacity(limit: Limit) -> int:
    return min(limit.amount, LARGEST_QUOTA)


def _interval(limit: Limit) -> float:
    """Seconds in which one of the quota drains away."""
    return limit.period_s / _capacity(limit)


def _remaining(limit: Limit, reset_s: float) -> int:
    """What has drained is there again. The library rounds as well, and a float's last digit costs it a whole one."""
    used = reset_s / _interval(limit)
    return max(0, math.floor(limit.amount - used + _ROUNDING))
