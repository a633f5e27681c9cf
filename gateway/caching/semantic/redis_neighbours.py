"""The index on Redis, for all processes: beside the answers, under the same fences, with every vector sealed.

Nothing is searched there, so nothing has to be searchable. The gates leave a bucket's few wordings, whose names are equal by a
keyed hash; those are fetched whole and compared here. A vector index would need vectors in the clear (docs/adr/0031).

Each bucket is a sorted set: the answer's key and the sealed vector, by the moment at which the answer ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from redis.asyncio import Redis

from gateway.caching.answers import TenantKeys
from gateway.caching.redis_names import Names
from gateway.caching.semantic.embedder import Vector
from gateway.caching.semantic.neighbours import MOST_IN_A_BUCKET, Neighbour
from gateway.caching.store import Name
from gateway.errors import ProtectionUnavailable, Unreadable
from gateway.keys.envelope import seal, unseal
from gateway.shared.link import Link

_KEY_BYTES = 32

_NOW = """
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
"""
_WITHOUT = """
local function without(words, key)
    for _, one in ipairs(redis.call("ZRANGE", words, 0, -1)) do
        if string.sub(one, 1, #key) == key then
            redis.call("ZREM", words, one)
        end
    end
end
"""
_NEAR = f"""{_NOW}
return redis.call("ZRANGEBYSCORE", KEYS[1], "(" .. now, "+inf")
"""
_ADD = f"""{_NOW}{_WITHOUT}
local words, fences = KEYS[4], redis.call("MGET", KEYS[1], KEYS[2], KEYS[3])
if not (fences[1] and fences[2] and fences[3]) or fences[1] .. fences[2] .. fences[3] ~= ARGV[1] then
    return
end
redis.call("ZREMRANGEBYSCORE", words, "-inf", now)
without(words, ARGV[2])
redis.call("ZADD", words, now + ARGV[4], ARGV[2] .. ARGV[3])
redis.call("ZREMRANGEBYRANK", words, 0, -1 - ARGV[5])
redis.call("PEXPIREAT", words, redis.call("ZRANGE", words, -1, -1, "WITHSCORES")[2])
"""
"""Keys: the fences, the bucket. Arguments: what the fences were, the answer's key, the sealed vector, milliseconds to live, the
most that there may be."""
_DROP = f"""{_WITHOUT}
without(KEYS[1], ARGV[1])
"""


class RedisNeighbours:
    """Neighbours that all processes with the same Redis and secret share. Trouble is a miss, as the link has it."""

    def __init__(self, link: Link, names: Names, keys: TenantKeys) -> None:
        self._link = link
        self._names = names
        self._keys = keys

    async def near(self, like: Name, bucket: bytes) -> Sequence[Neighbour]:
        """What does not open was sealed under a key that is gone, or by another version: it is no neighbour."""
        key = await self._sealing(like)
        if key is None:
            return ()
        words, nobody = self._names.words(like, bucket), list[bytes]()

        async def found(redis: Redis) -> list[bytes]:
            return list(await redis.eval(_NEAR, 1, words))

        sealed = await self._link.ask(found, nobody)
        return [one for one in (_opened(key, like, bucket, member) for member in sealed) if one is not None]

    async def add(self, bucket: bytes, name: Name, vector: Vector, *, ttl_s: float, fence: bytes) -> None:
        key = await self._sealing(name)
        if key is None or not fence:
            return
        sealed = seal(key, vector.astype("<f4").tobytes(), _context(bucket, name))
        keys = [*self._names.fences(name), self._names.words(name, bucket)]
        arguments: list[bytes | int] = [fence, name.key, sealed, max(1, int(ttl_s * 1_000)), MOST_IN_A_BUCKET]

        async def added(redis: Redis) -> None:
            await redis.eval(_ADD, len(keys), *keys, *arguments)

        await self._link.ask(added, None)

    async def drop(self, bucket: bytes, name: Name) -> None:
        words = self._names.words(name, bucket)

        async def dropped(redis: Redis) -> None:
            await redis.eval(_DROP, 1, words, name.key)

        await self._link.ask(dropped, None)

    def forget(self, tenant: str, model: str | None = None, policy: str | None = None) -> None:
        """Nothing: the store of the answers sweeps both, behind one fence."""

    async def _sealing(self, name: Name) -> bytes | None:
        try:
            return (await self._keys.of(name.tenant)).sub_key("cache/vector")
        except ProtectionUnavailable:
            return None


def _context(bucket: bytes, name: Name) -> str:
    """What a vector is sealed for: it says nothing beside another answer, or in another bucket."""
    return f"cached-wording/{bucket.hex()}/{name.key.hex()}"


def _opened(key: bytes, like: Name, bucket: bytes, member: bytes) -> Neighbour | None:
    name = replace(like, key=member[:_KEY_BYTES])
    try:
        vector = np.frombuffer(unseal(key, member[_KEY_BYTES:], _context(bucket, name)), dtype="<f4")
    except (Unreadable, ValueError):
        return None
    return Neighbour(name, vector.astype(np.float32))
