"""Slots on Redis: given back by those who crash, kept by those who live, and never given to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from gateway.limits.actions import Figures
from gateway.limits.keys import HashedKeys
from gateway.limits.leases import LeasedSlots
from gateway.limits.limiter import Costs
from gateway.limits.stores import SharedStore
from gateway.obligations import Limit, LimitKind
from gateway.shared.place import RedisPlace

OPEN = Limit(scope="tenants.bank", kind=LimitKind.CONCURRENT, amount=2)
LEASE_S = 60.0


@pytest.fixture
async def store(redis: Any) -> AsyncIterator[SharedStore]:
    store = SharedStore(RedisPlace(redis.url).client(10.0))
    yield store
    await store.close()


@pytest.fixture
async def slots(store: SharedStore) -> AsyncIterator[LeasedSlots]:
    slots = slots_of(store)
    yield slots
    await slots.close()


def slots_of(store: SharedStore, lease_s: float = LEASE_S) -> LeasedSlots:
    return LeasedSlots(store, HashedKeys("test", b"key"), lease_s)


async def used(slots: LeasedSlots) -> int:
    return (await slots.standing(OPEN)).used


async def test_a_crashed_worker_gives_its_slots_back(redis: Any) -> None:
    crashed, alive = redis.limiter(), redis.limiter()
    for _ in range(2):
        await crashed.acquire([OPEN], Costs())
    await crashed.close()  # stops renewing, and releases nothing
    redis.advance(LEASE_S - 5)
    assert [standing.used for standing in await alive.state([OPEN])] == [2]
    redis.advance(6)
    permits = [await alive.acquire([OPEN], Costs()) for _ in range(2)]
    assert [standing.used for standing in await alive.state([OPEN])] == [2]
    assert len(permits) == 2
    await alive.close()


async def test_renewal_keeps_what_is_held(redis: Any, slots: LeasedSlots) -> None:
    await slots.take(OPEN, 1, 11)
    for _ in range(3):
        redis.advance(LEASE_S * 0.9)
        await slots.renew()
    assert await used(slots) == 1
    redis.advance(LEASE_S + 1)
    assert await used(slots) == 0


async def test_one_worker_s_renewal_does_not_keep_another_s_slots(redis: Any, store: SharedStore, slots: LeasedSlots) -> None:
    crashed = slots_of(store)
    await crashed.take(OPEN, 1, 1)
    await crashed.close()
    await slots.take(OPEN, 1, 2)
    redis.advance(LEASE_S * 0.9)
    await slots.renew()
    redis.advance(LEASE_S * 0.9)
    assert await used(slots) == 1


async def test_slots_that_redis_lost_are_entered_again(redis: Any, slots: LeasedSlots) -> None:
    await slots.take(OPEN, 1, 11)
    await slots.take(OPEN, 1, 12)
    redis.client.flushall()
    await slots.renew()
    assert await used(slots) == 2
    assert (await slots.take(OPEN, 1, 13)).retry_s == 1


async def test_a_slot_given_back_during_a_renewal_stays_given_back(slots: LeasedSlots, monkeypatch: pytest.MonkeyPatch) -> None:
    class GivenBackOnTheWay:
        async def do(self, keys: Sequence[str], args: Sequence[int | float] | None) -> Figures:
            await slots.adjust(OPEN, -1, 11)
            return await renew.do(keys, args)

    await slots.take(OPEN, 1, 11)
    await slots.take(OPEN, 1, 12)
    renew = slots._renew
    monkeypatch.setattr(slots, "_renew", GivenBackOnTheWay())
    await slots.renew()
    assert await used(slots) == 1


async def test_renewal_goes_on_by_itself_while_something_is_held(redis: Any, store: SharedStore) -> None:
    slots = slots_of(store, lease_s=0.3)
    await slots.take(OPEN, 1, 11)
    (key,) = redis.client.keys()
    first = redis.client.zscore(key, "11")
    async with asyncio.timeout(20):
        while (redis.client.zscore(key, "11") or first) == first:
            await asyncio.sleep(0.02)
    await slots.adjust(OPEN, -1, 11)
    assert await used(slots) == 0
    await slots.close()


async def test_reset_forgets_what_this_process_holds(slots: LeasedSlots) -> None:
    await slots.take(OPEN, 1, 11)
    await slots.reset(OPEN)
    await slots.renew()
    assert await used(slots) == 0


async def test_nothing_stays_in_redis_for_good(redis: Any, slots: LeasedSlots) -> None:
    await slots.take(OPEN, 1, 11)
    await slots.renew()
    assert [0 < redis.client.ttl(key) <= LEASE_S + 1 for key in redis.client.scan_iter()] == [True]
