"""Kept answers on Redis, shared by all processes with the same Redis and secret; names are in `redis_names`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import ClassVar

from redis.asyncio import Redis

from gateway.caching.redis_lease import take
from gateway.caching.redis_names import Names
from gateway.caching.store import Found, Lease, Name
from gateway.shared.link import Link
from gateway.shared.place import RedisPlace

_FENCE_DIGITS = 16
_FENCE_LIVES_S = 86_400
"""After their last use: longer than any call takes, and they outlive every answer that is kept. One that is gone is a miss."""
_SWEEP = 500

_PUT = """
local fences = redis.call("MGET", KEYS[1], KEYS[2], KEYS[3])
if fences[1] and fences[2] and fences[3] and fences[1] .. fences[2] .. fences[3] == ARGV[1] then
    redis.call("SET", KEYS[4], ARGV[1] .. ARGV[2], "PX", ARGV[3])
    local lives = math.max(tonumber(ARGV[3]), tonumber(ARGV[4]))
    for at = 1, 3 do
        if redis.call("PTTL", KEYS[at]) < lives then
            redis.call("PEXPIRE", KEYS[at], lives)
        end
    end
end
"""
"""Keys: the fences, the answer. Arguments: what the fences were, the sealed answer, how many milliseconds that lives, and how
many fences live at least.
"""


class RedisStore:
    """`budget_s` is all the time that one step may take; where Redis takes longer, or is gone, it is left alone for a while."""

    shared: ClassVar[bool] = True

    def __init__(self, place: RedisPlace, secret: bytes, *, budget_s: float = 0.1, lease_s: float = 10.0) -> None:
        self.link = Link(place, budget_s, "cache")
        self.names = Names(f"{place.prefix}:cache", secret)
        self._lease_s = lease_s

    async def get(self, name: Name) -> Found:
        return await self.link.ask(lambda redis: self._found(redis, name), Found())

    async def put(self, name: Name, sealed: bytes, *, ttl_s: float, fence: bytes) -> None:
        keys = [*self.names.fences(name), self.names.answer(name)]
        arguments: list[bytes | int] = [fence, sealed, max(1, int(ttl_s * 1_000)), _FENCE_LIVES_S * 1_000]

        async def kept(redis: Redis) -> None:
            await redis.eval(_PUT, len(keys), *keys, *arguments)

        if fence:
            await self.link.ask(kept, None)

    async def lease(self, name: Name) -> Lease | None:
        return await take(self.link, self.names.lease(name), self._lease_s)

    async def clear(self, tenant: str, model: str | None = None, policy: str | None = None) -> int:
        """The fence first: from then on nothing of before is given out. Then the answers themselves."""
        fence = self.names.fence(tenant, model, policy)
        answers, words = self.names.swept(tenant, model, policy)

        async def cleared(redis: Redis) -> int:
            await redis.set(fence, _new_fence(), ex=_FENCE_LIVES_S)
            await _swept(redis, words)
            return await _swept(redis, answers)

        return await self.link.insist(cleared)

    async def close(self) -> None:
        await self.link.close()

    async def _found(self, redis: Redis, name: Name) -> Found:
        fences = self.names.fences(name)
        *current, kept, lease = await _read(redis, [*fences, self.names.answer(name), self.names.lease(name)])
        if None in current:
            current = await _made(redis, fences)
        fence = b"".join(part for part in current if part)
        sealed = kept[len(fence) :] if kept is not None and kept.startswith(fence) else None
        return Found(sealed, fence, taken=lease is not None)


async def _made(redis: Redis, fences: Sequence[str]) -> list[bytes | None]:
    """Random, and never a count: one that was evicted must not come back with a number that it had before."""
    for key in fences:
        await redis.set(key, _new_fence(), nx=True, ex=_FENCE_LIVES_S)
    return await _read(redis, fences)


async def _read(redis: Redis, keys: Sequence[str]) -> list[bytes | None]:
    return [value if isinstance(value, bytes) else None for value in await redis.mget(keys)]


async def _swept(redis: Redis, pattern: str) -> int:
    gone = 0
    batch: list[bytes] = []
    async for key in redis.scan_iter(match=pattern, count=_SWEEP):
        batch.append(key)
        if len(batch) == _SWEEP:
            gone += await redis.unlink(*batch)
            batch.clear()
    return gone + (await redis.unlink(*batch) if batch else 0)


def _new_fence() -> str:
    return secrets.token_hex(_FENCE_DIGITS // 2)
