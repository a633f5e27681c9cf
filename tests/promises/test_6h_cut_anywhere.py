"""Promise 6, wherever an exchange is cut: it is on the record once, and holds nothing any more when it has ended.

Every request here is made again and again, and cut the first time that anything of it waits, then the second, and so on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from tests.limits.conftest import redis, shared_redis
from tests.promises.ways import ROUTED, WAYS, furnished
from tests.support.house import assert_whole, went
from tests.support.inside import Call

__all__ = ["redis", "shared_redis"]

Cut = Callable[[Call, list[asyncio.Task[None]]], None]


def client_leaves(call: Call, _: list[asyncio.Task[None]]) -> None:
    call.leave()


def server_stops(_: Call, tasks: list[asyncio.Task[None]]) -> None:
    """Twice, as after a client that left: what is being given back must not be cut off."""
    loop, (task,) = asyncio.get_running_loop(), tasks
    task.cancel()
    loop.call_soon(lambda: loop.call_soon(task.cancel))


@pytest.mark.parametrize("kind", [client_leaves, server_stops])
async def test_an_exchange_that_is_cut_leaves_nothing_behind(
    kind: Cut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with furnished(tmp_path, monkeypatch) as home:
        for way in WAYS.values():
            for stream in way.streams:
                for at in count(1):
                    call = home.call(way, stream=stream)
                    if not await went(home, call, at=at, cut=partial(kind, call)):
                        assert at > 5
                        assert_whole(call, way.whole)
                        break


@pytest.mark.parametrize("store", ["memory", "redis"])
async def test_who_shares_an_answer_with_one_who_leaves_has_it_whole(
    store: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"redis_url": request.getfixturevalue("redis").url} if store == "redis" else {}
    async with furnished(tmp_path, monkeypatch, **settings) as home:
        for leaves in (0, 1):
            for at in count(1):
                calls = [home.call(ROUTED["shared and kept"], stream=False) for _ in range(2)]
                calls[1].sent = calls[0].sent
                reached = await went(home, *calls, at=at, cut=lambda tasks, one=leaves: tasks[one].cancel())  # type: ignore[misc]
                assert_whole(calls[1 - leaves])
                if not reached:
                    assert at > 5
                    break
