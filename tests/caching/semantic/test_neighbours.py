"""Both indexes: bounded, aged, cleared with the answers; on Redis nothing of a vector can be read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from gateway.caching.memory import MemoryStore
from gateway.caching.redis_store import RedisStore
from gateway.caching.semantic.embedder import Vector
from gateway.caching.semantic.neighbours import MemoryNeighbours, Neighbour, Neighbours, nearest
from gateway.caching.semantic.redis_neighbours import RedisNeighbours
from gateway.caching.store import Name
from gateway.errors import KeyDestroyed
from tests.caching.conftest import Keys, TenantKey, on_redis
from tests.limits.conftest import RedisServer
from tests.support.clock import Clock


def vector(*numbers: float) -> Vector:
    made = np.asarray(numbers, dtype=np.float32)
    return (made / np.linalg.norm(made)).astype(np.float32)


def name(key: str, tenant: str = "t", model: str = "m", policy: str = "v1") -> Name:
    return Name(tenant, model, key.encode().ljust(32, b"."), policy)


EAST, NORTH = vector(1, 0), vector(0, 1)
BUCKET = b"b" * 32


@dataclass
class Index:
    """Neighbours beside the store of their answers, and a clock that tests turn."""

    store: MemoryStore | RedisStore
    neighbours: Neighbours
    clock: Clock | RedisServer

    async def fence(self, at: Name) -> bytes:
        return (await self.store.get(at)).fence

    async def add(
        self, at: Name, made: Vector, *, bucket: bytes = BUCKET, ttl_s: float = 60, fence: bytes | None = None
    ) -> None:
        known = await self.fence(at) if fence is None else fence
        await self.neighbours.add(bucket, at, made, ttl_s=ttl_s, fence=known)

    async def names(self, like: Name, bucket: bytes = BUCKET) -> list[Name]:
        return [one.name for one in await self.neighbours.near(like, bucket)]

    async def clear(self, *what: Any, **more: Any) -> None:
        await self.store.clear(*what, **more)
        self.neighbours.forget(*what, **more)


def memory() -> Index:
    store, clock = MemoryStore(2**20), Clock()
    return Index(store, MemoryNeighbours(lambda: store.fence, monotonic=clock), clock)


def redis_index(redis: RedisServer, keys: Any = None) -> Index:
    store = on_redis(redis)
    return Index(store, RedisNeighbours(store.link, store.names, keys or Keys()), redis)


@pytest.fixture(params=["memory", "redis"])
async def index(request: pytest.FixtureRequest) -> AsyncIterator[Index]:
    made = memory() if request.param == "memory" else redis_index(request.getfixturevalue("redis"))
    yield made
    await made.store.close()


def test_the_nearest() -> None:
    near = [Neighbour(name("east"), EAST), Neighbour(name("north"), NORTH), Neighbour(name("other"), vector(1, 0, 0))]
    found = nearest(near, vector(1, 3))
    assert found is not None
    assert (found[0], round(found[1], 3)) == (name("north"), 0.949)
    assert nearest(near[:2], vector(1, 0, 0)) is None
    assert nearest([], EAST) is None


async def test_all_in_a_bucket_and_nobody_elses(index: Index) -> None:
    await index.add(name("east"), EAST)
    await index.add(name("north"), NORTH)
    assert set(await index.names(name("asked"))) == {name("east"), name("north")}
    assert await index.names(name("asked"), b"o" * 32) == []
    assert await index.names(name("asked", "other")) == []
    (east,) = [one for one in await index.neighbours.near(name("asked"), BUCKET) if one.name == name("east")]
    assert east.vector.dtype == np.float32
    assert east.vector.tolist() == EAST.tolist()


async def test_an_answer_is_there_once_and_can_be_dropped(index: Index) -> None:
    for made in (EAST, NORTH):
        await index.add(name("one"), made)
    (one,) = await index.neighbours.near(name("asked"), BUCKET)
    assert one.vector.tolist() == NORTH.tolist()
    await index.neighbours.drop(BUCKET, name("another"))
    assert await index.names(name("asked")) == [name("one")]
    await index.neighbours.drop(BUCKET, name("one"))
    assert await index.names(name("asked")) == []


@pytest.mark.parametrize("what", [{"model": "m"}, {"policy": "v1"}, {}])
async def test_what_is_cleared_is_gone_and_does_not_come_back(index: Index, what: dict[str, str]) -> None:
    """A bucket is of one model and one version."""
    kept, elsewhere = name("k", "u") if not what else name("k", model="n", policy="v2"), b"e" * 32
    before = await index.fence(name("k"))
    await index.add(name("k"), EAST)
    await index.add(kept, EAST, bucket=elsewhere)
    await index.clear("t", **what)
    await index.add(name("late"), EAST, fence=before)
    assert await index.names(name("k")) == []
    assert await index.names(kept, elsewhere) == [kept]


async def test_a_bucket_is_bounded(index: Index) -> None:
    for number in range(20):
        await index.add(name(str(number)), vector(number + 1, 1), ttl_s=60 + number)
    assert {one.key for one in await index.names(name("asked"))} == {name(str(number)).key for number in range(12, 20)}


async def test_one_ages() -> None:
    index, clock = memory(), Clock()
    index.neighbours = MemoryNeighbours(lambda: index.store.fence, monotonic=clock)  # type: ignore[union-attr]
    await index.add(name("old"), EAST, ttl_s=5)
    await index.add(name("new"), NORTH, ttl_s=50)
    clock.now += 5
    assert await index.names(name("asked")) == [name("new")]


async def test_one_ages_on_redis(redis: RedisServer) -> None:
    """By Redis's own clock; and the whole bucket has an end."""
    index = redis_index(redis)
    await index.add(name("old"), EAST, ttl_s=0.05)
    await index.add(name("new"), NORTH, ttl_s=60)
    await asyncio.sleep(0.1)
    assert await index.names(name("asked")) == [name("new")]
    (bucket,) = redis.client.keys("*:words:*")
    assert 0 < redis.client.pttl(bucket) <= 60_000
    await index.store.close()


async def test_a_tenant_pushes_out_its_own() -> None:
    index = memory()
    index.neighbours = MemoryNeighbours(lambda: index.store.fence, most=2)  # type: ignore[union-attr]
    await index.add(name("k", "u"), EAST)
    for number in range(5):
        await index.add(name("k"), EAST, bucket=b"%d" % number)
    held = [bool(await index.names(name("k"), b"%d" % number)) for number in range(5)]
    assert held == [False, False, False, True, True]
    assert await index.names(name("k", "u")) == [name("k", "u")]


async def test_two_processes_know_each_others_wordings(redis: RedisServer) -> None:
    one, other = redis_index(redis), redis_index(redis)
    await one.add(name("east"), EAST)
    assert await other.names(name("asked")) == [name("east")]
    for index in (one, other):
        await index.store.close()


async def test_nothing_on_redis_can_be_read_or_moved(redis: RedisServer) -> None:
    index = redis_index(redis)
    made = vector(*range(1, 100))
    await index.add(name("east"), made)
    (bucket,) = redis.client.keys("*:words:*")
    ((member, until),) = redis.client.zrange(bucket, 0, -1, withscores=True)
    assert made.tobytes()[:64] not in member
    assert b"m:v1" not in bucket
    redis.client.zadd(bucket, {b"x" * 32 + member[32:]: until, member[:-1] + b"?": until, b"short": until})
    assert await index.names(name("asked")) == [name("east")]  # beside another answer it does not open
    moved = bucket.replace(BUCKET.hex().encode(), (b"c" * 32).hex().encode())
    redis.client.copy(bucket, moved)
    assert await index.names(name("asked"), b"c" * 32) == []
    await index.store.close()


async def test_a_tenant_that_is_erased_has_no_neighbours(redis: RedisServer) -> None:
    class Erased(Keys):
        async def of(self, tenant: str) -> TenantKey:
            raise KeyDestroyed("erased")

    before, after = redis_index(redis), redis_index(redis, Erased())
    await before.add(name("east"), EAST)
    await after.add(name("north"), NORTH)
    assert await after.names(name("asked")) == []
    assert await before.names(name("asked")) == [name("east")]
    for index in (before, after):
        await index.store.close()
