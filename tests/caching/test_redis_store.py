"""On a real Redis: nothing readable, one slot of a cluster for each tenant, and trouble that is a miss."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from redis.cluster import key_slot  # type: ignore[attr-defined]

from gateway.caching.redis_lease import RedisLease
from gateway.caching.redis_store import RedisStore
from gateway.caching.store import Found, Granted, Name
from gateway.errors import ProtectionUnavailable
from gateway.shared.place import RedisPlace
from tests.caching.conftest import SECRET, on_redis
from tests.caching.test_stores import ELSEWHERE, NEXT_MODEL, ONE, OTHER, kept, known
from tests.limits.conftest import RedisServer

NAMED = Name("acme-bank", "secret-model", b"k" * 32)


async def test_nothing_stays_for_good(redis: RedisServer) -> None:
    """A tenant has a word for each model and each version of the policy: these go as well, and not before what they keep."""

    def left() -> dict[bytes, int]:
        return {key: redis.client.pttl(key) for key in redis.client.keys("*")}

    store, week_s = on_redis(redis), 7 * 86_400
    fence = (await store.get(ONE)).fence
    assert 0 < min(left().values()) < week_s * 1_000
    await store.put(ONE, b"sealed", ttl_s=week_s, fence=fence)
    assert [int(ms / 1_000 + 0.5) for ms in left().values()] == [week_s] * 4
    await store.clear("t", "another")
    assert min(left().values()) > 0
    assert await known(store, ONE) == [b"sealed"]
    await store.close()


async def test_what_is_in_use_does_not_go_while_a_call_is_waited_for(redis: RedisServer) -> None:
    """An older gateway's words stay for good; one answer's short time is not theirs."""
    store = on_redis(redis)
    fence = (await store.get(ONE)).fence
    for key in redis.client.keys("*"):
        redis.client.persist(key)
    await store.put(ONE, b"sealed", ttl_s=5, fence=fence)
    assert sorted(round(redis.client.pttl(key) / 1_000) for key in redis.client.keys("*")) == [5, 86_400, 86_400, 86_400]
    await store.close()


async def test_an_answer_has_its_time(redis: RedisServer) -> None:
    store = on_redis(redis)
    await kept(store, ONE)
    (answer,) = redis.client.keys("*:answer:*")
    assert 0 < redis.client.pttl(answer) <= 60_000
    await store.close()


async def test_two_processes_share_what_is_kept(redis: RedisServer) -> None:
    one, other = on_redis(redis), on_redis(redis)
    await kept(one, ONE)
    assert await known(other, ONE) == [b"sealed"]
    await other.clear("t")
    assert await known(one, ONE) == [None]
    for store in (one, other):
        await store.close()


async def test_without_the_secret_nothing_is_found(redis: RedisServer) -> None:
    one, stranger = on_redis(redis), RedisStore(RedisPlace(redis.url), b"x" * 32, budget_s=10)
    await kept(one, ONE)
    assert await known(stranger, ONE) == [None]
    for store in (one, stranger):
        await store.close()


async def test_names_say_nothing_and_lie_on_one_node(redis: RedisServer) -> None:
    store = on_redis(redis)
    await kept(store, NAMED)
    lease = await store.lease(NAMED)
    names = redis.client.keys("*")
    assert len(names) == 5
    assert len({key_slot(name) for name in names}) == 1
    for told in (b"acme", b"secret-model", b"kkkk"):
        assert not [name for name in names if told in name]
    assert lease is not None
    await lease.release()
    await store.close()


async def test_a_fence_that_was_evicted_does_not_come_back(redis: RedisServer) -> None:
    """Redis may drop any key when it is full: what was cleared before must not be valid again."""
    store = on_redis(redis)
    await kept(store, ONE)
    (answer,) = redis.client.keys("*:answer:*")
    cleared = redis.client.dump(answer)
    await store.clear("t")
    redis.client.restore(answer, 60_000, cleared)  # as if the sweep had missed it
    assert await known(store, ONE) == [None]
    for fence in redis.client.keys("*:fence*"):
        redis.client.delete(fence)
    assert await known(store, ONE) == [None]
    await store.close()


async def test_a_lease_is_one_processes_until_it_is_given_back(redis: RedisServer) -> None:
    one, other = on_redis(redis), on_redis(redis)
    lease = await one.lease(ONE)
    assert lease is not None
    assert await other.lease(ONE) is None
    assert (await other.get(ONE)).taken
    assert not (await other.get(OTHER)).taken
    await lease.release()
    assert not (await other.get(ONE)).taken
    second = await other.lease(ONE)
    assert second is not None
    await lease.release()  # of no effect on another's
    assert (await one.get(ONE)).taken
    await second.release()
    for store in (one, other):
        await store.close()


async def test_a_lease_lasts_while_it_is_needed_and_ends_with_its_process(redis: RedisServer) -> None:
    one, other = on_redis(redis, lease_s=3.0), on_redis(redis)
    lease = await one.lease(ONE)
    assert isinstance(lease, RedisLease)
    async with asyncio.timeout(30):
        while redis.client.pttl(lease._key) > 2_500:
            await asyncio.sleep(0.02)
        while redis.client.pttl(lease._key) <= 2_500:
            await asyncio.sleep(0.02)
        assert (await other.get(ONE)).taken
        lease._renewing.cancel()  # as when the process dies
        while (await other.get(ONE)).taken:
            await asyncio.sleep(0.05)
    for store in (one, other):
        await store.close()


def _is_entered(redis: RedisServer) -> bool:
    """Whether the SET has reached Redis since its counts were reset."""
    return "cmdstat_set" in redis.client.info("commandstats")


@pytest.mark.parametrize("budget_s", [10.0, 0.1])
async def test_whoever_hangs_up_on_the_way_to_a_lease_holds_none(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch, budget_s: float
) -> None:
    """Neither does one who does not wait that long for Redis."""
    monkeypatch.setattr("gateway.shared.link._REST_S", 0.05)
    store = on_redis(redis, budget_s=budget_s, lease_s=3_600.0)
    await known(store, ONE)  # connects
    redis.client.config_resetstat()
    redis.freeze()
    asking = asyncio.create_task(store.lease(ONE))
    if budget_s == 10.0:
        await asyncio.sleep(0.05)
        asking.cancel()
        await asyncio.wait({asking})
    else:
        assert isinstance(await asking, Granted)
    os.kill(redis._process.pid, signal.SIGCONT)
    async with asyncio.timeout(10):
        while not _is_entered(redis) or redis.client.keys("*:lease:*"):
            await asyncio.sleep(0.02)
    await store.close()


async def test_many_answers_are_swept(redis: RedisServer) -> None:
    store = on_redis(redis)
    names = [Name("t", "m", number.to_bytes(32)) for number in range(1_100)]
    fence = (await store.get(ONE)).fence
    await asyncio.gather(*(store.put(name, b"x", ttl_s=60, fence=fence) for name in names))
    await kept(store, NEXT_MODEL, ELSEWHERE)
    assert await store.clear("t") == 1_101
    assert len(redis.client.keys("*:answer:*")) == 1
    await store.close()


@pytest.fixture
def frozen(redis: RedisServer) -> Iterator[RedisServer]:
    redis.freeze()
    yield redis
    os.kill(redis._process.pid, signal.SIGCONT)


async def test_a_redis_that_does_not_answer_is_a_miss_within_the_budget(frozen: RedisServer) -> None:
    store = RedisStore(RedisPlace(frozen.url), SECRET, budget_s=0.05)
    async with asyncio.timeout(5):
        for _ in range(100):  # the second one on does not even ask
            assert await store.get(ONE) == Found()
            await store.put(ONE, b"x", ttl_s=1, fence=b"f" * 32)
            assert isinstance(await store.lease(ONE), Granted)
    await store.close()


async def test_it_is_asked_again_after_a_while(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.shared.link._REST_S", 0.05)
    patient, store = on_redis(redis), RedisStore(RedisPlace(redis.url), SECRET, budget_s=0.2)
    await kept(patient, ONE)
    redis.freeze()
    assert await store.get(ONE) == Found()
    os.kill(redis._process.pid, signal.SIGCONT)
    await asyncio.sleep(0.1)
    async with asyncio.timeout(10):
        while await known(store, ONE) != [b"sealed"]:
            await asyncio.sleep(0.05)
    for one in (patient, store):
        await one.close()


async def test_a_redis_that_is_gone(tmp_path: Any) -> None:
    store = RedisStore(RedisPlace(f"unix://{tmp_path}/none.sock"), SECRET)
    assert await store.get(ONE) == Found()
    with pytest.raises(ProtectionUnavailable):
        await store.clear("t")
    await store.close()


async def test_a_full_redis_is_a_miss(redis: RedisServer) -> None:
    store = on_redis(redis)
    redis.client.config_set("maxmemory", 1)
    redis.client.config_set("maxmemory-policy", "noeviction")
    try:
        await store.put(ONE, b"x", ttl_s=60, fence=b"f" * 32)
        assert (await store.get(ONE)).sealed is None
    finally:
        redis.client.config_set("maxmemory", 0)
    await store.close()
