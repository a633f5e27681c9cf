"""The limiter on a shared Redis: many loops, many processes, nothing readable, and nothing let through when it is lost."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gateway.errors import ProtectionUnavailable, RateLimited
from gateway.limits.keys import HashedKeys
from gateway.limits.limiter import Costs
from gateway.limits.stores import in_memory
from gateway.obligations import Limit, LimitKind
from tests.limits.conftest import SECRET, RedisServer

WHO = "tenants.bank.principals.ann@bank.example"
REQUESTS = Limit(scope=WHO, kind=LimitKind.REQUESTS, amount=60, period_s=86_400)
TOKENS = Limit(scope="tenants.bank", kind=LimitKind.TOKENS, amount=1_024, period_s=86_400)
OPEN = Limit(scope=WHO, kind=LimitKind.CONCURRENT, amount=50)
COSTS = Costs(tokens=10)

WORKER = """
import asyncio, os, sys
from gateway.errors import RateLimited
from gateway.limits.limiter import Costs
from gateway.limits.stores import on_redis
from gateway.obligations import Limit, LimitKind
from gateway.shared.place import RedisPlace

async def main():
    limiter = on_redis(RedisPlace(sys.argv[1], prefix="test"), b"s" * 32)
    limits = [
        Limit(scope=sys.argv[2], kind=LimitKind.REQUESTS, amount=60, period_s=86_400),
        Limit(scope=sys.argv[2], kind=LimitKind.CONCURRENT, amount=50),
    ]
    async def one():
        try:
            await limiter.acquire(limits, Costs())
        except RateLimited:
            return 0
        return 1
    print(sum(await asyncio.gather(*(one() for _ in range(80)))), flush=True)
    os._exit(0)  # crashed: it releases nothing

asyncio.run(main())
"""


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server that a test may stop."""
    server = RedisServer()
    yield server
    server.stop()


def test_processes_share_counts_and_their_crash_gives_slots_back(redis: Any) -> None:
    command = [sys.executable, "-c", WORKER, redis.url, WHO]
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) for _ in range(2)]
    passed = [int(worker.communicate(timeout=120)[0]) for worker in workers]
    assert sum(passed) == 50

    async def used() -> list[int]:
        limiter = redis.limiter()
        try:
            return [standing.used for standing in await limiter.state([REQUESTS, OPEN])]
        finally:
            await limiter.close()

    assert asyncio.run(used()) == [50, 50]
    redis.advance(61)
    assert asyncio.run(used()) == [50, 0]


def test_event_loops_share_counts(redis: Any) -> None:
    async def burst() -> int:
        limiter = redis.limiter()

        async def one() -> bool:
            try:
                await limiter.acquire([REQUESTS, TOKENS], COSTS)
            except RateLimited:
                return False
            return True

        try:
            return sum(await asyncio.gather(*(one() for _ in range(40))))
        finally:
            await limiter.close()

    with ThreadPoolExecutor(3) as threads:
        bursts = [threads.submit(asyncio.run, burst()) for _ in range(3)]
        assert sum(future.result() for future in bursts) == 60


async def test_nothing_readable_rests_in_redis(redis: Any) -> None:
    limiter = redis.limiter()
    await limiter.acquire([REQUESTS, TOKENS, OPEN], COSTS)
    keys = b" ".join(sorted(redis.client.keys())).decode()
    assert "ann" not in keys
    assert "bank" not in keys
    assert keys.startswith("test:limits:{")
    assert len(keys.split()) == 3
    assert {key.split("{")[1].split("}")[0] for key in keys.split() if "tokens" not in key} == {digest(keys, "requests")}
    assert digest(keys, "tokens") != digest(keys, "requests")
    await limiter.close()


def digest(keys: str, kind: str) -> str:
    (key,) = [key for key in keys.split() if f":{kind}:" in key]
    return key.split("{")[1].split("}")[0]


def test_another_secret_names_other_keys() -> None:
    assert HashedKeys("test", SECRET).name(REQUESTS) != HashedKeys("test", b"other").name(REQUESTS)
    assert "ann" not in repr(HashedKeys("test", SECRET)) + HashedKeys("test", SECRET).name(REQUESTS)


async def test_a_lost_redis_lets_nothing_through(own_redis: Any, caplog: pytest.LogCaptureFixture) -> None:
    limiter = own_redis.limiter()
    permit = await limiter.acquire([TOKENS, OPEN], COSTS)
    own_redis.stop()
    for asked in (
        limiter.acquire([REQUESTS], COSTS),
        limiter.acquire([OPEN], COSTS),
        limiter.state([OPEN]),
        limiter.reset(TOKENS),
    ):
        with pytest.raises(
            ProtectionUnavailable, match=r"^The limits cannot be counted: their store does not answer\.$"
        ) as lost:
            await asked
        assert lost.value.__suppress_context__
    await permit.settle(Costs())
    await permit.release()
    assert "a count could not be corrected" in caplog.text
    await limiter.close()


async def test_a_redis_that_does_not_answer_lets_nothing_through(own_redis: Any) -> None:
    limiter = own_redis.limiter(timeout_s=0.2)
    await limiter.acquire([TOKENS, OPEN], COSTS)
    own_redis.freeze()
    with pytest.raises(ProtectionUnavailable):
        await limiter.acquire([TOKENS, OPEN], COSTS)
    await limiter.close()


async def test_a_redis_that_is_lost_in_between_gives_back_what_it_can(own_redis: Any) -> None:
    limiter = own_redis.limiter()
    own_redis.client.acl_setuser("default", enabled=True, reset_keys=True, keys=["*:requests:*", "*:concurrent:*"])
    with pytest.raises(ProtectionUnavailable):
        await limiter.acquire([REQUESTS, OPEN, TOKENS], COSTS)  # the tenant's tokens are asked last
    assert [standing.used for standing in await limiter.state([REQUESTS, OPEN])] == [0, 0]
    await limiter.close()


async def test_what_is_released_while_redis_is_away_is_not_renewed(own_redis: Any) -> None:
    limiter = own_redis.limiter()
    permit = await limiter.acquire([OPEN], COSTS)
    own_redis.client.config_set("maxclients", 1)
    own_redis.client.client_kill_filter(_type="normal", skipme=True)
    await permit.release()
    own_redis.client.config_set("maxclients", 100)
    slots = limiter._slots
    await slots.renew()
    own_redis.advance(61)
    assert [standing.used for standing in await limiter.state([OPEN])] == [0]
    await limiter.close()


async def test_memory_forgets_nobody_for_want_of_room() -> None:
    limiter = in_memory()
    await limiter.acquire([REQUESTS], COSTS)
    others = [Limit(scope=f"tenants.t{at}", kind=LimitKind.REQUESTS, amount=5, period_s=86_400) for at in range(1_100)]
    await limiter.acquire(others, COSTS)
    assert [standing.used for standing in await limiter.state([REQUESTS])] == [1]
    await limiter.close()
