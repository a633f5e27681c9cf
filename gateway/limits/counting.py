"""The limiter: takes from every limit or from none, whatever becomes of the task that asked."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from gateway.errors import ProtectionUnavailable
from gateway.limits.counters import Counter
from gateway.limits.limiter import Costs, Standing
from gateway.limits.rates import LARGEST_QUOTA
from gateway.limits.wording import Level, headers, impossible, level_of, refusal
from gateway.obligations import Limit, LimitKind

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
_SETTLED = (LimitKind.TOKENS, LimitKind.SPEND)
_RANKS = {level: rank for rank, level in enumerate(Level)}
_HOLDER_BITS = 53  # what a float can hold, for Lua has no other number


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from a limit."""

    limit: Limit
    cost: int
    standing: Standing = field(compare=False)


class CountingLimiter:
    """A Limiter over two counters.

    Where counters wait for a store, every change of a count runs in a task of its own: a caller that is cancelled leaves
    it to its end, and what it had taken by then is given back. Where they never wait (`waits`), nobody can be cancelled
    in the middle, and a task would cost several times what it does.
    """

    def __init__(self, rates: Counter, slots: Counter, *, waits: bool = True) -> None:
        self._rates = rates
        self._slots = slots
        self._waits = waits
        self._tasks: set[asyncio.Task[Any]] = set()

    async def acquire(
        self,
        limits: Sequence[Limit],
        costs: Costs,
        *,
        locally: bool = False,  # noqa: ARG002  (it has one place to count in: see FallbackLimiter)
    ) -> CountedPermit:
        """The narrowest scope is asked first: one caller's refusals then do not press on what many share."""
        for limit in limits:
            if costs.of(limit.kind) > min(limit.amount, LARGEST_QUOTA):
                raise impossible(limit)
        work = self._take_all(sorted(limits, key=_rank), costs)
        if not self._waits:
            return await work
        taking = self._start(work)
        try:
            await asyncio.wait({taking})
        except asyncio.CancelledError:
            self._start(self._undo(taking))
            raise
        return taking.result()

    async def state(self, limits: Sequence[Limit]) -> list[Standing]:
        return [await self._counter(limit).standing(limit) for limit in limits]

    async def reset(self, limit: Limit) -> None:
        await self._counter(limit).reset(limit)

    async def close(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._slots.close()
        await self._rates.close()

    async def change(self, changes: Sequence[tuple[Limit, int]], holder: int) -> None:
        """Adjust counts, to the end even if the caller is cancelled. Never raises for a store that is lost: a rate
        drains by itself, and a lease ends."""
        if self._waits and changes:
            await asyncio.wait({self._start(self._adjust(changes, holder))})
        else:
            await self._adjust(changes, holder)

    def _start(self, work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _counter(self, limit: Limit) -> Counter:
        return self._slots if limit.kind is LimitKind.CONCURRENT else self._rates

    async def _take_all(self, limits: Sequence[Limit], costs: Costs) -> CountedPermit:
        holder = secrets.randbits(_HOLDER_BITS)
        taken: list[Taken] = []
        for limit in limits:
            cost = costs.of(limit.kind)
            try:
                standing = await self._counter(limit).take(limit, cost, holder) if cost else None
            except ProtectionUnavailable:
                await self._give_back(taken, holder)
                raise
            if standing is not None and standing.retry_s is not None:
                raise refusal(standing, await self._give_back(taken, holder))
            if standing is not None:
                taken.append(Taken(limit, cost, standing))
        return CountedPermit(self, holder, tuple(limits), costs, headers(one.standing for one in taken))

    async def _give_back(self, taken: Sequence[Taken], holder: int) -> list[Standing]:
        return await self._adjust([(one.limit, -one.cost) for one in taken], holder)

    async def _adjust(self, changes: Sequence[tuple[Limit, int]], holder: int) -> list[Standing]:
        """What can be adjusted; one that cannot holds up no other."""
        standings: list[Standing] = []
        for limit, by in changes:
            try:
                standings.append(await self._counter(limit).adjust(limit, by, holder))
            except ProtectionUnavailable:
                _log.warning("a count could not be corrected: the store of the limits does not answer")
        return standings

    async def _undo(self, taking: asyncio.Task[CountedPermit]) -> None:
        await asyncio.wait({taking})
        if not taking.cancelled() and taking.exception() is None:
            await taking.result().undo()


class CountedPermit:
    """A Permit. What was done is noted before it is done, so that no second call does it again."""

    locally: ClassVar[bool] = False

    def __init__(
        self, limiter: CountingLimiter, holder: int, limits: Sequence[Limit], costs: Costs, headers: Mapping[str, str]
    ) -> None:
        self._limiter = limiter
        self._holder = holder
        self._costs = costs
        self._rates = [limit for limit in limits if limit.kind in _SETTLED]
        self._slots = [limit for limit in limits if limit.kind is LimitKind.CONCURRENT]
        self._requests = [limit for limit in limits if limit.kind is LimitKind.REQUESTS]
        self.headers = headers

    async def settle(self, actual: Costs) -> None:
        rates, self._rates = self._rates, []
        owed = [(limit, actual.of(limit.kind) - self._costs.of(limit.kind)) for limit in rates]
        await self._limiter.change([(limit, by) for limit, by in owed if by], self._holder)

    async def release(self) -> None:
        slots, self._slots = self._slots, []
        await self._limiter.change([(limit, -1) for limit in slots], self._holder)

    async def undo(self) -> None:
        """As if there had been no request."""
        requests, self._requests = self._requests, []
        await self.settle(Costs(requests=0))
        await self.release()
        await self._limiter.change([(limit, -self._costs.requests) for limit in requests], self._holder)


def _rank(limit: Limit) -> int:
    return _RANKS[level_of(limit.scope)]
