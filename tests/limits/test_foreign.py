"""What stands on Redis under the name of a count and is none: cleared away, said, and never more granted than by an empty Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import ProtectionUnavailable, RateLimited
from gateway.limits.actions import LONGEST_DEBT_S
from gateway.limits.counting import CountingLimiter
from gateway.limits.limiter import Costs
from gateway.obligations import Limit, LimitKind
from tests.limits.conftest import House, RedisServer

COSTS = Costs(tokens=1)
RATE = Limit(scope="tenants.t", kind=LimitKind.TOKENS, amount=3, period_s=86_400)
SLOTS = Limit(scope="tenants.t", kind=LimitKind.CONCURRENT, amount=3)
NO_COUNTS: list[Any] = [["nothing of ours"], {"of": "somebody"}, "", "garbage", b"\xff", "inf", "1e300"]


@pytest.fixture
async def limiter(redis: RedisServer) -> AsyncIterator[CountingLimiter]:
    one = redis.limiter()
    yield one
    await one.close()


def put(redis: RedisServer, thing: Any) -> None:
    """In the place of the one count that is there."""
    (name,) = redis.client.keys("*")
    redis.client.delete(name)
    if isinstance(thing, list):
        redis.client.rpush(name, *thing)
    elif isinstance(thing, dict):
        redis.client.hset(name, mapping=thing)
    else:
        redis.client.set(name, thing)


@pytest.mark.parametrize("limit", [RATE, SLOTS], ids=["rate", "slots"])
@pytest.mark.parametrize("thing", NO_COUNTS, ids=repr)
async def test_it_is_cleared_away_and_the_count_begins_anew(
    redis: RedisServer, limiter: CountingLimiter, caplog: pytest.LogCaptureFixture, thing: Any, limit: Limit
) -> None:
    first = await limiter.acquire([limit], COSTS)
    put(redis, thing)
    permits = [await limiter.acquire([limit], COSTS) for _ in range(limit.amount)]
    with pytest.raises(RateLimited):
        await limiter.acquire([limit], COSTS)
    (told,) = caplog.messages
    assert "was no count, and begins anew: test:limits:{" in told
    assert "tenants" not in told
    for permit in (first, *permits):
        await permit.release()


@pytest.mark.parametrize("limit", [RATE, SLOTS], ids=["rate", "slots"])
@pytest.mark.parametrize("thing", NO_COUNTS, ids=repr)
async def test_of_many_who_meet_it_at_once_none_is_refused(redis: RedisServer, thing: Any, limit: Limit) -> None:
    """Only one of them clears it away."""
    limiters, wide = [redis.limiter() for _ in range(8)], replace(limit, amount=1_000)
    permits = [await one.acquire([wide], COSTS) for one in limiters]
    for _ in range(5):
        put(redis, thing)
        permits += await asyncio.gather(*(one.acquire([wide], COSTS) for one in limiters))
    for permit in permits:
        await permit.release()
    for one in limiters:
        await one.close()


@pytest.mark.parametrize("thing", NO_COUNTS, ids=repr)
async def test_what_was_used_is_counted_all_the_same(redis: RedisServer, limiter: CountingLimiter, thing: Any) -> None:
    permit = await limiter.acquire([RATE], COSTS)
    put(redis, thing)
    await permit.settle(Costs(tokens=3))
    (standing,) = await limiter.state([RATE])
    assert standing.used == 2  # the first of the three was there before


@pytest.mark.parametrize("seconds", [30.0, 5 * 366 * 86_400.0, LONGEST_DEBT_S * 20.0])
async def test_a_number_is_a_count_however_high(redis: RedisServer, limiter: CountingLimiter, seconds: float) -> None:
    await limiter.acquire([RATE], Costs(tokens=3))
    redis.advance(-seconds)
    (name,) = redis.client.keys("*")
    before = redis.client.get(name)
    with pytest.raises(RateLimited):
        await limiter.acquire([RATE], COSTS)
    assert redis.client.get(name) == before


async def test_no_debt_grows_beyond_what_counts_as_one(house: House) -> None:
    """However many exchanges at once use a thousand times what is allowed."""
    permits = [await house.limiter.acquire([RATE], COSTS) for _ in range(RATE.amount)]
    for permit in permits:
        await permit.settle(Costs(tokens=1_000_000_000))
    (standing,) = await house.limiter.state([RATE])
    assert LONGEST_DEBT_S * 0.99 < standing.reset_s <= LONGEST_DEBT_S


async def test_other_trouble_clears_nothing_away(redis: RedisServer, limiter: CountingLimiter) -> None:
    await limiter.acquire([RATE], COSTS)
    (name,) = redis.client.keys("*")
    redis.client.config_set("maxmemory", 1)
    try:
        with pytest.raises(ProtectionUnavailable):
            await limiter.acquire([RATE], COSTS)
    finally:
        redis.client.config_set("maxmemory", 0)
    assert redis.client.exists(name)
