"""Counts of what is open at once, on Redis: each slot is leased, so that a worker that crashes gives its slots back.

A sorted set for each limit holds who is open and until when, by Redis's clock. While this process holds any slot, a task
renews all of them. A slot that Redis lost, by a restart or a fail-over, is entered again by the next renewal.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any, ClassVar

from throttled.asyncio.store import BaseStore

from gateway.errors import ProtectionUnavailable
from gateway.limits.actions import Figures, RedisForget, Script
from gateway.limits.counters import answering
from gateway.limits.doubts import Doubts
from gateway.limits.foreign import Step
from gateway.limits.keys import Naming
from gateway.limits.limiter import Standing
from gateway.limits.slots import slot_standing
from gateway.obligations import Limit

_log = logging.getLogger(__name__)

_NOW = """
local clock = redis.call("TIME")
local now = clock[1] + clock[2] / 1000000
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now)
"""
_KEEP = """
local function keep(holder, lease)
    redis.call("ZADD", KEYS[1], now + lease, holder)
    if redis.call("TTL", KEYS[1]) <= lease then
        redis.call("EXPIRE", KEYS[1], math.ceil(lease) + 1)
    end
end
"""


class SlotScript(Script):
    """Answers whole numbers, the last of which is how many are open."""

    def _figures(self, answer: Any) -> Figures:
        return tuple(map(int, answer))


class _Take(SlotScript):
    """Arguments: how many may be open, seconds of a lease, holder."""

    TYPE = "take"
    LUA = f"""{_NOW}{_KEEP}
    local held = redis.call("ZCARD", KEYS[1])
    if held >= tonumber(ARGV[1]) then
        return {{1, held}}
    end
    keep(ARGV[3], tonumber(ARGV[2]))
    return {{0, held + 1}}
    """


class _Free(SlotScript):
    """Arguments: holders. Without any, only tells how many are open."""

    TYPE = "free"
    LUA = f"""{_NOW}
    for at = 1, #ARGV do
        redis.call("ZREM", KEYS[1], ARGV[at])
    end
    return {{redis.call("ZCARD", KEYS[1])}}
    """


class _Renew(SlotScript):
    """Arguments: seconds of a lease, holders."""

    TYPE = "renew"
    LUA = f"""{_NOW}{_KEEP}
    for at = 2, #ARGV do
        keep(ARGV[at], tonumber(ARGV[1]))
    end
    return {{redis.call("ZCARD", KEYS[1])}}
    """


class LeasedSlots:
    """A Counter for what is open at once, in all processes together. `lease_s` has to be the same in all of them."""

    RENEWALS_A_LEASE: ClassVar[int] = 3

    def __init__(self, store: BaseStore, keys: Naming, lease_s: float) -> None:
        steps = (_Take, _Free, _Renew, RedisForget)
        made: list[Step] = [store.make_atomic(step) for step in steps]
        self._take, self._free, self._renew, self._forget = made
        self._keys = keys
        self._lease_s = lease_s
        self._held: dict[str, set[int]] = {}
        self._doubts = Doubts(self._given_back)
        self._renewing: asyncio.Task[None] | None = None

    async def take(self, limit: Limit, cost: int, holder: int) -> Standing:  # noqa: ARG002  (an exchange takes one)
        name = self._keys.name(limit)
        with self._doubts.about(name, holder), answering():
            refused, held = await self._take.do([name], [limit.amount, self._lease_s, holder])
        if not refused:
            self._hold(name, holder)
        return slot_standing(limit, int(held), refused=bool(refused))

    async def adjust(self, limit: Limit, by: int, holder: int) -> Standing:  # noqa: ARG002
        name = self._keys.name(limit)
        self._let_go(name, holder)
        with self._doubts.about(name, holder), answering():
            (held,) = await self._free.do([name], [holder])
        return slot_standing(limit, int(held))

    async def standing(self, limit: Limit) -> Standing:
        with answering():
            (held,) = await self._free.do([self._keys.name(limit)], [])
        return slot_standing(limit, int(held))

    async def reset(self, limit: Limit) -> None:
        """What this process holds is forgotten with it; what others hold comes back with their next renewal."""
        name = self._keys.name(limit)
        self._held.pop(name, None)
        with answering():
            await self._forget.do([name], [])

    async def close(self) -> None:
        """Stop renewing. Slots that are still held come back when their leases end."""
        self._held.clear()
        await self._doubts.close()
        if self._renewing is not None:
            self._renewing.cancel()
            with suppress(asyncio.CancelledError):
                await self._renewing

    async def renew(self) -> None:
        """Lease everything that is held anew. Raises ProtectionUnavailable."""
        for name, holders in [(name, tuple(held)) for name, held in self._held.items()]:
            with answering():
                await self._renew.do([name], [self._lease_s, *holders])
                gone = [holder for holder in holders if holder not in self._held.get(name, ())]
                if gone:  # given back meanwhile, and entered again by this renewal
                    await self._free.do([name], gone)

    async def _given_back(self, name: str, holders: tuple[int, ...]) -> None:
        with answering():
            await self._free.do([name], holders)

    def _hold(self, name: str, holder: int) -> None:
        self._held.setdefault(name, set()).add(holder)
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._keep())

    def _let_go(self, name: str, holder: int) -> None:
        held = self._held.get(name, set())
        held.discard(holder)
        if not held:
            self._held.pop(name, None)

    async def _keep(self) -> None:
        """Ends when nothing is held, and so also when a cancellation is lost in the client of Redis."""
        while self._held:
            await asyncio.sleep(self._lease_s / self.RENEWALS_A_LEASE)
            try:
                await self.renew()
            except ProtectionUnavailable:
                _log.warning("leases of open exchanges could not be renewed: their store does not answer")
