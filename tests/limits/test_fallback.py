"""Limits while Redis is away: counted by one process alone where policy lets it, and by all together again afterwards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from gateway.errors import ProtectionUnavailable, RateLimited
from gateway.limits.fallback import FallbackLimiter
from gateway.limits.limiter import Costs, Permit
from gateway.limits.stores import in_memory, on_redis
from gateway.obligations import Limit, LimitKind
from gateway.shared.place import RedisPlace
from tests.limits.conftest import SECRET
from tests.shared.servers import Server
from tests.support.clock import Clock

COSTS = Costs(tokens=10)
WHO = "tenants.bank.principals.ann"
REQUESTS = Limit(scope=WHO, kind=LimitKind.REQUESTS, amount=3, period_s=86_400)
TOKENS = Limit(scope=WHO, kind=LimitKind.TOKENS, amount=1_000, period_s=86_400)
OPEN = Limit(scope=WHO, kind=LimitKind.CONCURRENT, amount=2)
PATIENCE_S = 20


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.thaw()
    one.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def limiter(server: Server, clock: Clock) -> AsyncIterator[FallbackLimiter]:
    shared = on_redis(RedisPlace(server.url), SECRET, timeout_s=0.3)
    one = FallbackLimiter(shared, in_memory(), monotonic=clock)
    await counted_together(one, clock)
    yield one
    await one.close()


async def counted_together(limiter: FallbackLimiter, clock: Clock) -> Permit:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            clock.now += 2
            permit = await limiter.acquire([TOKENS], COSTS, locally=True)
            if not permit.locally:
                return permit
            await asyncio.sleep(0.05)


async def test_one_process_counts_while_redis_hangs_and_stops_when_it_answers(
    server: Server, limiter: FallbackLimiter, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.limits")
    server.freeze()
    permits = [await limiter.acquire([REQUESTS], COSTS, locally=True) for _ in range(3)]
    assert [permit.locally for permit in permits] == [True] * 3
    assert permits[2].headers["x-ratelimit-remaining-requests"] == "0"
    with pytest.raises(RateLimited, match="3 requests a day"):
        await limiter.acquire([REQUESTS], COSTS, locally=True)
    server.thaw()
    await counted_together(limiter, clock)
    assert [record.getMessage() for record in caplog.records if "alone" in record.message or "again" in record.message] == [
        "limits are counted by this process alone: their store does not answer",
        "limits are counted by all processes together again",
    ]


async def test_who_is_to_be_refused_is_refused_also_while_others_are_counted_alone(
    server: Server, limiter: FallbackLimiter
) -> None:
    server.kill()
    assert (await limiter.acquire([REQUESTS], COSTS, locally=True)).locally
    with pytest.raises(ProtectionUnavailable, match="their store does not answer"):
        await limiter.acquire([REQUESTS], COSTS)


async def test_only_one_request_a_second_tries_a_store_that_is_away(
    server: Server, limiter: FallbackLimiter, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.kill()
    await limiter.acquire([TOKENS], COSTS, locally=True)
    tried: list[Any] = []

    async def refuse(*asked: Any, **_: Any) -> Permit:
        tried.append(asked)
        raise ProtectionUnavailable("away")

    monkeypatch.setattr(limiter._shared, "acquire", refuse)
    for _ in range(5):
        await limiter.acquire([TOKENS], COSTS, locally=True)
    assert len(tried) == 0
    clock.now += 1.5
    await asyncio.gather(*(limiter.acquire([TOKENS], COSTS, locally=True) for _ in range(5)))
    assert len(tried) == 1


async def test_who_keeps_coming_does_not_keep_the_store_from_being_tried(
    server: Server, limiter: FallbackLimiter, clock: Clock
) -> None:
    """Several requests a second, as in service: else one outage would part the processes for good."""
    server.kill()
    await limiter.acquire([TOKENS], COSTS, locally=True)
    await asyncio.to_thread(server.start)
    for _ in range(20):
        clock.now += 0.3
        if not (await limiter.acquire([TOKENS], COSTS, locally=True)).locally:
            return
        await asyncio.sleep(0.05)
    pytest.fail("it is still counted by this process alone")


async def test_a_permit_is_settled_and_given_back_where_it_was_taken(
    server: Server, limiter: FallbackLimiter, clock: Clock
) -> None:
    """One of Redis after an outage that came between, one of this process after the outage."""
    before = await limiter.acquire([OPEN], COSTS, locally=True)
    server.kill()
    alone = [await limiter.acquire([OPEN], COSTS, locally=True) for _ in range(2)]
    with pytest.raises(RateLimited):
        await limiter.acquire([OPEN], COSTS, locally=True)
    await alone[0].settle(Costs(tokens=1))
    await alone[0].release()
    again = await limiter.acquire([OPEN], COSTS, locally=True)
    assert again.locally
    await asyncio.to_thread(server.start)
    await counted_together(limiter, clock)
    for permit in (alone[1], again, before):
        await permit.release()
    assert [standing.used for standing in await limiter.state([OPEN])] == [0]


async def test_who_is_over_the_limit_shows_that_redis_counts_again(
    server: Server, limiter: FallbackLimiter, clock: Clock
) -> None:
    """Else all but one of each second would go on being counted alone."""
    for _ in range(3):
        await limiter.acquire([REQUESTS], COSTS, locally=True)
    server.freeze()
    assert (await limiter.acquire([REQUESTS], COSTS, locally=True)).locally
    server.thaw()
    clock.now += 2
    with pytest.raises(RateLimited):
        await limiter.acquire([REQUESTS], COSTS, locally=True)
    with pytest.raises(RateLimited):
        await limiter.acquire([REQUESTS], COSTS, locally=True)


async def test_a_new_start_holds_also_for_what_was_counted_alone(server: Server, limiter: FallbackLimiter) -> None:
    server.freeze()
    for _ in range(3):
        await limiter.acquire([REQUESTS], COSTS, locally=True)
    with pytest.raises(ProtectionUnavailable):
        await limiter.reset(REQUESTS)
    assert (await limiter.acquire([REQUESTS], COSTS, locally=True)).locally
