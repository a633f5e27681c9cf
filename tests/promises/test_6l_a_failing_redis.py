"""Promises 1, 2 and 6, wherever Redis fails: without its limits nothing is let through, without its cache nothing is missed;
each call is on the record once, what it held is given back, no log holds what was said, and all goes on by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from gateway.caching.redis_store import RedisStore
from gateway.limits.doubts import Doubts
from tests.limits.conftest import RedisServer, redis, shared_redis
from tests.promises.ways import ROUTED, furnished
from tests.support.failing_redis import (
    FailingRedis,
    Fault,
    evicted,
    lost_after,
    lost_before,
    of_another_type,
    refused,
    silent,
)
from tests.support.house import asked, assert_refused, assert_whole, went
from tests.support.inside import VALUE

__all__ = ["redis", "shared_redis"]

_WAY = ROUTED["shared and kept"]
_FAULTS: dict[str, tuple[Fault, bool]] = {
    "lost before": (lost_before, False),
    "lost after": (lost_after, False),
    "silent": (silent, True),
    "evicted": (evicted, False),
    "of another type": (of_another_type, False),
    "a replica": (refused("READONLY You can't write against a read only replica."), True),
    "moved": (refused("MOVED 3999 127.0.0.1:1"), False),
    "restarted": (refused("NOSCRIPT No matching script."), True),
}
"""Each, and whether it stays until the call is over."""


@contextmanager
def trouble(failing: FailingRedis, store: RedisServer, fault: Fault, at: int, *, for_good: bool) -> Iterator[None]:
    """Until somebody has cleared away what is not ours; from the limits' names they do so themselves."""
    with failing.during(at, fault, for_good=for_good):
        yield
    if fault is of_another_type:
        store.client.delete("nothing", *(name for name in store.client.keys("*") if b":limits:" not in name))


@pytest.mark.parametrize("name", _FAULTS)
async def test_a_command_that_fails(
    name: str,
    redis: RedisServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="gateway")
    monkeypatch.setattr("gateway.shared.link._REST_S", 0.0)  # else it would be left alone while the next command is due
    monkeypatch.setattr(Doubts, "PAUSE_S", 0.05)
    (fault, for_good), refusals = _FAULTS[name], 0
    monkeypatch.setitem(RedisStore.__init__.__kwdefaults__ or {}, "lease_s", 3_600.0)  # none ends by itself in time
    failing = FailingRedis(redis.url.removeprefix("unix://"))
    async with failing.served() as url, furnished(tmp_path, monkeypatch, redis_url=url, redis_timeout_s=0.3) as home:
        for at in count(1):
            under = trouble(failing, redis, fault, at, for_good=for_good)
            call = await asked(home, _WAY, stream=at % 2 == 0, under=under)
            if call.status == 503:
                assert_refused(call, 503, "protection_unavailable")
                refusals += 1
            else:
                assert_whole(call)
            await _freed(redis)
            again = home.call(_WAY, stream=False)
            again.sent = call.sent
            await went(home, again)
            assert_whole(again)
            if not failing.hit:
                assert at > 5
                break
    assert refusals or name in ("evicted", "of another type")
    assert VALUE not in caplog.text


async def _freed(store: RedisServer) -> None:
    """Nobody who asks the same waits for one who has gone."""
    async with asyncio.timeout(10):
        while any(b":lease" in name for name in store.client.keys("*")):
            await asyncio.sleep(0.01)
