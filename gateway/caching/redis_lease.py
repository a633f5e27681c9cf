"""Who fetches an answer for everybody, on Redis: a lease, renewed while it is needed, so that a worker that dies frees it."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import ClassVar

from redis.asyncio import Redis

from gateway.caching.store import Granted, Lease
from gateway.shared.link import Link

_EXTEND = 'return redis.call("GET", KEYS[1]) == ARGV[1] and redis.call("PEXPIRE", KEYS[1], ARGV[2]) or 0'
_FREE = 'return redis.call("GET", KEYS[1]) == ARGV[1] and redis.call("DEL", KEYS[1]) or 0'
"""Only of whoever holds it: a lease that ran out may be another's by now."""
_PAUSE_S = 0.1


async def take(link: Link, key: str, lease_s: float) -> Lease | None:
    """None where somebody has it. One that nobody could enter, because Redis is in trouble, needs no renewal. Whoever hangs up
    meanwhile, or is not waited for any longer, may have been entered all the same, and is taken out again.
    """
    if link.rests:
        return Granted()
    holder, ended = secrets.token_hex(16), asyncio.Event()

    async def entered(redis: Redis) -> bool:
        try:
            return bool(await redis.set(key, holder, nx=True, px=int(lease_s * 1_000)))
        finally:
            ended.set()

    taken = None
    try:
        taken = await link.ask(entered, None)
    finally:
        if taken is None:
            link.behind(_taken_out(link, key, holder, lease_s, ended))
    if taken is None:
        return Granted()
    return RedisLease(link, key, holder, lease_s) if taken else None


async def _taken_out(link: Link, key: str, holder: str, lease_s: float, entered: asyncio.Event | None = None) -> None:
    """After the step that may have entered the holder. Tried until Redis answers, or the lease is over by itself."""
    with suppress(TimeoutError):
        async with asyncio.timeout(lease_s):
            if entered is not None:
                await entered.wait()
            while not await link.ask(lambda redis: _free(redis, key, holder), False):  # noqa: ASYNC110  (that is elsewhere)
                await asyncio.sleep(_PAUSE_S)


async def _free(redis: Redis, key: str, holder: str) -> bool:
    await redis.eval(_FREE, 1, key, holder)
    return True


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
        """Where Redis is in trouble, behind the caller's back: whoever asks the same would wait for the lease to end."""
        self._held = False
        self._renewing.cancel()
        await asyncio.wait({self._renewing})
        if not await self._link.ask(lambda redis: _free(redis, self._key, self._holder), False):
            self._link.behind(_taken_out(self._link, self._key, self._holder, self._lease_s))

    async def _renew(self) -> None:
        while self._held:
            await asyncio.sleep(self._lease_s / self.RENEWALS_A_LEASE)
            await self._link.ask(self._extended, None)

    async def _extended(self, redis: Redis) -> None:
        await redis.eval(_EXTEND, 1, self._key, self._holder, int(self._lease_s * 1_000))
