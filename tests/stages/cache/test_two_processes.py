"""Equal questions in two processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gateway.errors import UpstreamUnreachable
from tests.caching.conftest import cache_redis as cache_redis
from tests.caching.conftest import on_redis
from tests.caching.conftest import redis as redis
from tests.limits.conftest import RedisServer
from tests.stages.cache.house import House, Told, house, started, tasks


@pytest.fixture
async def two(redis: RedisServer) -> AsyncIterator[Callable[..., tuple[House, House]]]:
    made: list[House] = []

    def build(*, lease_s: float = 0.4, **more: Any) -> tuple[House, House]:
        made.extend(house(on_redis(redis, lease_s=lease_s), **more) for _ in range(2))
        made[1].backend = made[0].backend
        return made[0], made[1]

    yield build
    for one in made:
        await one.flights.close()
        await one.answers.close()


async def test_equal_questions_in_two_processes_are_one_call(two: Callable[..., tuple[House, House]]) -> None:
    one, other = two()
    one.backend.gate.clear()
    asking = [*tasks(one, 2), *tasks(other, 2)]
    await started(*asking)
    one.backend.gate.set()
    told = await asyncio.gather(*asking)
    assert sorted(str(each.state) for each in told) == ["hit", "hit", "hit", "miss"]
    assert one.backend.calls == 1


async def test_a_process_that_fails_lets_the_other_try(two: Callable[..., tuple[House, House]]) -> None:
    one, other = two()
    one.backend.refuses = [UpstreamUnreachable("down")]
    one.backend.gate.clear()
    asking = tasks(one, 1)
    await started(*asking)
    asking += tasks(other, 1)
    await started(*asking)
    one.backend.gate.set()
    first, second = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(first, UpstreamUnreachable)
    assert isinstance(second, Told)
    assert second.state == "miss"


@pytest.mark.parametrize("asked", [1, 3])
async def test_nobody_waits_for_a_call_that_has_failed(two: Callable[..., tuple[House, House]], asked: int) -> None:
    """Neither whoever asks next, nor another process: what says that somebody fetches the answer is gone with the call."""
    one, other = two(lease_s=30.0, patience_s=20.0)
    one.backend.refuses = [UpstreamUnreachable("down")] * asked
    told = await asyncio.gather(*tasks(one, asked), return_exceptions=True)
    assert [type(each) for each in told] == [UpstreamUnreachable] * asked
    async with asyncio.timeout(5):
        assert (await other.ask()).state == "miss"


async def test_another_process_is_waited_for_only_so_long(two: Callable[..., tuple[House, House]]) -> None:
    one, other = two(patience_s=0.1)
    one.backend.gate.clear()
    first = tasks(one, 1)
    await started(*first)
    second = tasks(other, 1)
    async with asyncio.timeout(10):
        while one.backend.calls < 2:
            await asyncio.sleep(0.01)
    one.backend.gate.set()
    assert [told.state for told in await asyncio.gather(*first, *second)] == ["miss", "miss"]


async def test_who_waits_for_another_process_may_hang_up(two: Callable[..., tuple[House, House]]) -> None:
    one, other = two()
    one.backend.gate.clear()
    first = tasks(one, 1)
    await started(*first)
    second = tasks(other, 1)
    await started(*second)
    second[0].cancel()
    await asyncio.wait(second)
    one.backend.gate.set()
    assert (await first[0]).state == "miss"
    assert (await other.ask()).state == "hit"
