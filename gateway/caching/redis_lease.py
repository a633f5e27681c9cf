"""Who fetches an answer for everybody, on Redis: a lease, renewed while it is needed, so that a worker that dies frees it."""

from __future__ import annotations

import asyncio
import secrets
from typing import ClassVar

from redis.asyncio import Redis

from gateway.caching.store import Granted, Lease
from gateway.shared.link import Link

_EXTEND = 'return redis.call("GET", KEYS[1]) == ARGV[1] and redis.call("PEXPIRE", KEYS[1], ARGV[2]) or 0'
_FREE = 'return redis.call("GET", KEYS[1]) == ARGV[1] and redis.call("DEL", KEYS[1]) or 0'
"""Only of whoever holds it: a lease that ran out may be another's by now."""


async def take(link: Link, key: str, lease_s: float) -> Lease | None:
    """None where somebody has it. One that nobody could enter, because Redis is in trouble, needs no renewal."""
    holder = secrets.token_hex(16)

    async def entered(redis: Redis) -> bool:
        return bool(await redis.set(key, holder, nx=True, px=int(lease_s * 1_000)))

    taken = await link.ask(entered, None)
    if taken is None:
        return Granted()
    return RedisLease(link, key, holder, lease_s) if taken else None


class RedisLease:
    """Held from the start until `release`."""

    RENEWALS_A_LEASE: ClassVar[int] = 3

    def __init__(self, link: Link, key: str, holder: str, lease_s: float) -> None:
        self._link = link
        self._key = key
        self._holder = holder
        self._lease_s = lease_s
        self._held = True
        self._renewing = asyncio.create_task(self._renew())

    async def release(self) -> None:
        self._held = False
        self._renewing.cancel()
        await asyncio.wait({self._renewing})
        await self._link.ask(self._freed, None)

    async def _renew(self) -> None:
        while self._held:
            await asyncio.sleep(self._lease_s / self.RENEWALS_A_LEASE)
            await self._link.ask(self._extended, None)

    async def _extended(self, redis: Redis) -> None:
        await redis.eval(_EXTEND, 1, self._key, self._holder, int(self._lease_s * 1_000))

    async def _freed(self, redis: Redis) -> None:
        await redis.eval(_FREE, 1, self._key, self._holder)
