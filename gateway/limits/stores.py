"""Limiters, put together: for one process, and for many that share a Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from redis.asyncio import Redis
from throttled.asyncio.store import BaseAtomicAction, MemoryStore, RedisStore, RedisStoreBackend
from throttled.types import AsyncRedisClientP

from gateway.errors import ProtectionUnavailable
from gateway.limits.counters import Counter
from gateway.limits.counting import CountedPermit, CountingLimiter
from gateway.limits.foreign import ClearRate, ClearSlots, Counting, Step
from gateway.limits.keys import HashedKeys, Naming, PlainKeys
from gateway.limits.leases import LeasedSlots, SlotScript
from gateway.limits.limiter import Costs
from gateway.limits.rates import Rates
from gateway.limits.slots import MemorySlots
from gateway.obligations import Limit
from gateway.shared.place import RedisPlace, close

_MOST_COUNTS = 1_000_000
"""Counts that memory holds; beyond, the one used longest ago would be forgotten. Only policy makes scopes."""


def in_memory() -> CountingLimiter:
    """Counts of this process alone; they are gone when it ends."""
    keys = PlainKeys()
    rates = Rates(MemoryStore(options={"MAX_SIZE": _MOST_COUNTS}), keys)
    return CountingLimiter(rates, MemorySlots(keys), waits=False)


def on_redis(place: RedisPlace, secret: bytes, *, lease_s: float = 60.0, timeout_s: float = 1.0) -> CountingLimiter:
    """Counts shared by all processes with the same Redis, secret and prefix. Connects with the first request.

    `secret` keeps scopes unreadable in Redis. `lease_s` is how long a
    crashed process keeps its slots. `timeout_s` is for all that one request waits for: see HurriedLimiter.
    """
    store = SharedStore(place.client(timeout_s))
    keys = HashedKeys(f"{place.prefix}:limits", secret)
    return HurriedLimiter(_RedisRates(store, keys), LeasedSlots(store, keys, lease_s), timeout_s)


class HurriedLimiter(CountingLimiter):
    """Waits no longer than `timeout_s` for all limits of a request together, however many there are.

    Where Redis takes longer the request is refused, and what was taken by then is given back behind its back. A correction
    goes on behind its back as well.
    """

    def __init__(self, rates: Counter, slots: Counter, timeout_s: float) -> None:
        super().__init__(rates, slots)
        self._timeout_s = timeout_s

    async def acquire(self, limits: Sequence[Limit], costs: Costs, *, locally: bool = False) -> CountedPermit:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await super().acquire(limits, costs, locally=locally)
        except TimeoutError:
            raise ProtectionUnavailable("The limits cannot be counted: their store does not answer.") from None

    async def change(self, changes: Sequence[tuple[Limit, int]], holder: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timeout_s):
                await super().change(changes, holder)


class _Backend(RedisStoreBackend):
    """Our own connections, in place of those that the library would make."""

    def __init__(self, client: Redis) -> None:
        super().__init__()
        self._ours = client

    def get_client(self) -> AsyncRedisClientP:
        return cast("AsyncRedisClientP", cast("object", self._ours))


class SharedStore(RedisStore):
    """The library's store, over a client of ours. Its steps are not kept up for good by what is no count."""

    def __init__(self, client: Redis) -> None:
        super().__init__()
        self._client = client
        self._backend = _Backend(client)

    def make_atomic(self, action_cls: type[BaseAtomicAction]) -> BaseAtomicAction:
        clearing = ClearSlots if issubclass(action_cls, SlotScript) else ClearRate
        step: Step = Counting(super().make_atomic(action_cls), super().make_atomic(clearing))
        return cast("BaseAtomicAction", step)

    async def close(self) -> None:
        await close(self._client)


class _RedisRates(Rates):
    """Rates that close the store; they are closed last."""

    def __init__(self, store: SharedStore, keys: Naming) -> None:
        super().__init__(store, keys)
        self._store = store

    async def close(self) -> None:
        await self._store.close()
