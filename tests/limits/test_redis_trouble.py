"""Limits on a Redis in trouble: refused within their time, and counted again by themselves once it is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.errors import ProtectionUnavailable
from gateway.limits.counting import CountingLimiter
from gateway.limits.limiter import Costs
from gateway.limits.stores import on_redis
from gateway.obligations import Limit, LimitKind
from gateway.shared.place import RedisPlace
from tests.limits.conftest import SECRET
from tests.shared.servers import Proxy, Server

COSTS = Costs(tokens=1)
MANY = [Limit(scope=f"tenants.t{at}", kind=LimitKind.REQUESTS, amount=100, period_s=86_400) for at in range(8)]
PATIENCE_S = 10


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.thaw()
    one.stop()


@pytest.fixture
async def limiter(server: Server) -> AsyncIterator[CountingLimiter]:
    one = on_redis(RedisPlace(server.url), SECRET, timeout_s=0.5)
    await (await one.acquire(MANY, COSTS)).release()
    yield one
    await one.close()


async def refused(limiter: CountingLimiter) -> None:
    with pytest.raises(ProtectionUnavailable, match="their store does not answer"):
        await limiter.acquire(MANY, COSTS)


async def served_again(limiter: CountingLimiter) -> None:
    """Without anybody's help."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await (await limiter.acquire(MANY, COSTS)).release()
            except ProtectionUnavailable:
                await asyncio.sleep(0.05)
            else:
                return


async def test_slow_steps_add_up_to_one_time(server: Server) -> None:
    """Each answer comes in good time; all eight together would not."""
    async with Proxy(server.port) as proxy:
        limiter = on_redis(RedisPlace(proxy.url), SECRET, timeout_s=0.6)
        await (await limiter.acquire(MANY, COSTS)).release()
        proxy.delay_s = 0.2
        await refused(limiter)
        proxy.delay_s = 0.0
        await served_again(limiter)
        await limiter.close()  # what was taken is given back by then
        fresh = on_redis(RedisPlace(server.url), SECRET)
        assert {standing.used for standing in await fresh.state(MANY)} == {2}
        await fresh.close()


async def test_frozen_and_awake(server: Server, limiter: CountingLimiter) -> None:
    server.freeze()
    await refused(limiter)
    server.thaw()
    await served_again(limiter)


async def test_slots_that_redis_gave_too_late_are_given_back(server: Server, limiter: CountingLimiter) -> None:
    """It carries out what waited for it, for callers that were refused long before."""
    slots = [Limit(scope="tenants.t", kind=LimitKind.CONCURRENT, amount=3)]
    held = await limiter.acquire(slots, COSTS)
    server.freeze()
    for _ in range(2):
        with pytest.raises(ProtectionUnavailable):
            await limiter.acquire(slots, COSTS)
    await held.release()
    server.thaw()
    async with asyncio.timeout(PATIENCE_S):
        while await used(limiter, slots):
            await asyncio.sleep(0.05)
    permits = [await limiter.acquire(slots, COSTS) for _ in range(3)]
    assert await used(limiter, slots) == 3
    for permit in permits:
        await permit.release()


async def used(limiter: CountingLimiter, limits: list[Limit]) -> int:
    """-1 while the store does not answer."""
    try:
        (standing,) = await limiter.state(limits)
    except ProtectionUnavailable:
        return -1
    return standing.used


async def test_restarted_empty_on_the_same_port(server: Server, limiter: CountingLimiter) -> None:
    server.kill()
    await refused(limiter)
    await asyncio.to_thread(server.start)
    await served_again(limiter)
    assert [standing.used for standing in await limiter.state(MANY[:1])] == [1]


async def test_full(server: Server, limiter: CountingLimiter) -> None:
    server.client.config_set("maxmemory", 1)
    await refused(limiter)
    server.client.config_set("maxmemory", 0)
    await served_again(limiter)


async def test_a_password_that_changed(server: Server, limiter: CountingLimiter) -> None:
    server.client.config_set("requirepass", "hunter2")
    server.client.client_kill_filter(_type="normal", skipme=True)
    with pytest.raises(ProtectionUnavailable) as told:
        await limiter.acquire(MANY, COSTS)
    assert "hunter2" not in str(told.value)
    server.client.execute_command("AUTH", "hunter2")
    server.client.config_set("requirepass", "")
    await served_again(limiter)


async def test_a_correction_does_not_hold_up_the_answer(server: Server, limiter: CountingLimiter) -> None:
    permit = await limiter.acquire([Limit(scope="tenants.t", kind=LimitKind.CONCURRENT, amount=1)], COSTS)
    server.freeze()
    async with asyncio.timeout(PATIENCE_S):
        await permit.release()
    server.thaw()
    await served_again(limiter)
