"""Kept answers on Redis, shared by all processes with the same Redis and secret.

Names hold hashes only. All keys of a tenant carry the same hash tag, so they lie on one node of a cluster, and scripts and MGET
may name several of them:

    gateway:cache:{tenant}:fence            a random word; another one after each `clear` of the tenant
    gateway:cache:{tenant}:fence:model      the same for one model
    gateway:cache:{tenant}:answer:model:key the fence under which it was asked for, and the sealed answer
    gateway:cache:{tenant}:lease:key        who fetches this answer
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from redis.asyncio import Redis

from gateway.caching.redis_lease import take
from gateway.caching.redis_link import Link
from gateway.caching.store import Found, Lease, Name
from gateway.shared.place import RedisPlace

_DIGITS = 32  # 128 bits in hexadecimal
_FENCE_DIGITS = 16
_SWEEP = 500

_PUT = """
if redis.call("GET", KEYS[1]) == ARGV[1] and redis.call("GET", KEYS[2]) == ARGV[2] then
    redis.call("SET", KEYS[3], ARGV[1] .. ARGV[2] .. ARGV[3], "PX", ARGV[4])
end
"""
"""Arguments: both fences, the sealed answer, milliseconds to live."""


@dataclass(frozen=True, slots=True)
class Names:
    """The keys in Redis that one answer has to do with."""

    prefix: str
    secret: bytes = field(repr=False)

    def tenant(self, tenant: str) -> str:
        return f"{self.prefix}:{{{self._hash('tenant', tenant)}}}"

    def fences(self, tenant: str, model: str) -> tuple[str, str]:
        home = self.tenant(tenant)
        return f"{home}:fence", f"{home}:fence:{self._hash('model', model)}"

    def answer(self, name: Name) -> str:
        return f"{self.answers(name.tenant, name.model)}:{name.key.hex()}"

    def answers(self, tenant: str, model: str) -> str:
        return f"{self.tenant(tenant)}:answer:{self._hash('model', model)}"

    def lease(self, name: Name) -> str:
        return f"{self.tenant(name.tenant)}:lease:{name.key.hex()}"

    def _hash(self, kind: str, text: str) -> str:
        return hmac.digest(self.secret, f"{kind}\0{text}".encode("utf-8", "surrogatepass"), "sha256").hex()[:_DIGITS]


class RedisStore:
    """`budget_s` is all the time that one step may take; where Redis takes longer, or is gone, it is left alone for a while."""

    def __init__(self, place: RedisPlace, secret: bytes, *, budget_s: float = 0.1, lease_s: float = 10.0) -> None:
        self._link = Link(place, budget_s)
        self._names = Names(f"{place.prefix}:cache", secret)
        self._lease_s = lease_s

    async def get(self, name: Name) -> Found:
        return await self._link.ask(lambda redis: self._found(redis, name), Found())

    async def put(self, name: Name, sealed: bytes, *, ttl_s: float, fence: bytes) -> None:
        first, second = fence[:_FENCE_DIGITS], fence[_FENCE_DIGITS:]
        keys = [*self._names.fences(name.tenant, name.model), self._names.answer(name)]
        arguments: list[bytes | int] = [first, second, sealed, max(1, int(ttl_s * 1_000))]

        async def kept(redis: Redis) -> None:
            await redis.eval(_PUT, len(keys), *keys, *arguments)

        if fence:
            await self._link.ask(kept, None)

    async def lease(self, name: Name) -> Lease | None:
        return await take(self._link, self._names.lease(name), self._lease_s)

    async def clear(self, tenant: str, model: str | None = None) -> int:
        """The fence first: from then on nothing of before is given out. Then the answers themselves."""
        fence = self._names.fences(tenant, model or "")[0 if model is None else 1]
        pattern = f"{self._names.tenant(tenant)}:answer:*" if model is None else f"{self._names.answers(tenant, model)}:*"

        async def cleared(redis: Redis) -> int:
            await redis.set(fence, _new_fence())
            return await _swept(redis, pattern)

        return await self._link.insist(cleared)

    async def close(self) -> None:
        await self._link.close()

    async def _found(self, redis: Redis, name: Name) -> Found:
        fences = self._names.fences(name.tenant, name.model)
        *current, kept, lease = await _read(redis, [*fences, self._names.answer(name), self._names.lease(name)])
        if None in current:
            current = await _made(redis, fences)
        fence = b"".join(part for part in current if part)
        sealed = kept[len(fence) :] if kept is not None and kept.startswith(fence) else None
        return Found(sealed, fence, taken=lease is not None)


async def _made(redis: Redis, fences: Sequence[str]) -> list[bytes | None]:
    """Random, and never a count: one that was evicted must not come back with a number that it had before."""
    for key in fences:
        await redis.set(key, _new_fence(), nx=True)
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
