"""Limiters, put together: for one process, and for many that share a Redis."""

from __future__ import annotations

from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from throttled.asyncio.store import MemoryStore, RedisStore

from gateway.errors import ProtectionUnavailable
from gateway.limits.counting import CountingLimiter
from gateway.limits.keys import HashedKeys, Naming, PlainKeys
from gateway.limits.leases import LeasedSlots
from gateway.limits.rates import Rates
from gateway.limits.slots import MemorySlots

_MOST_COUNTS = 1_000_000
"""Counts that memory holds; beyond, the one used longest ago would be forgotten. Only policy makes scopes."""

_SCHEMES = ("redis://", "rediss://", "unix://")


def in_memory() -> CountingLimiter:
    """Counts of this process alone; they are gone when it ends."""
    keys = PlainKeys()
    rates = Rates(MemoryStore(options={"MAX_SIZE": _MOST_COUNTS}), keys)
    return CountingLimiter(rates, MemorySlots(keys), waits=False)


def on_redis(
    url: str, secret: bytes, *, prefix: str = "gateway:limits", lease_s: float = 60.0, timeout_s: float = 1.0
) -> CountingLimiter:
    """Counts shared by all processes with the same Redis, secret and prefix. Connects with the first request.

    `secret` keeps scopes unreadable in Redis. `lease_s` is how long a
    crashed process keeps its slots. `timeout_s` is for one step: to connect, to wait for a connection, to be answered.
    Raises ProtectionUnavailable for a URL of another kind.
    """
    if not url.startswith(_SCHEMES):
        raise ProtectionUnavailable(f"the URL of the limits' store has to begin with one of {', '.join(_SCHEMES)}")
    store = SharedStore(url, _options(timeout_s))
    keys = HashedKeys(prefix, secret)
    return CountingLimiter(_RedisRates(store, keys), LeasedSlots(store, keys, lease_s))


def _options(timeout_s: float) -> dict[str, Any]:
    """Nothing is tried twice: a step whose answer was lost may have been done, and would count double."""
    return {
        "SOCKET_TIMEOUT": timeout_s,
        "SOCKET_CONNECT_TIMEOUT": timeout_s,
        "CONNECTION_POOL_CLASS": "redis.asyncio.BlockingConnectionPool",
        "CONNECTION_POOL_KWARGS": {"max_connections": 32, "timeout": timeout_s, "retry": Retry(NoBackoff(), 0)},
    }


class SharedStore(RedisStore):
    """The library's store, which does not know how to close its connections."""

    async def close(self) -> None:
        client = cast("Redis", cast("object", self._backend.get_client()))
        await client.aclose(close_connection_pool=True)


class _RedisRates(Rates):
    """Rates that close the store; they are closed last."""

    def __init__(self, store: SharedStore, keys: Naming) -> None:
        super().__init__(store, keys)
        self._store = store

    async def close(self) -> None:
        await self._store.close()
