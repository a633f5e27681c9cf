"""A server that nobody asks is not woken, and knows all the same when it is to end and what time it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from gateway.cli.serve.server import AnnouncingServer, DatedState


def plain() -> uvicorn.Config:
    return uvicorn.Config(FastAPI(), port=0, log_level="critical", timeout_graceful_shutdown=5)


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[AnnouncingServer, int, asyncio.Task[None]]]:
    told = asyncio.Queue[int]()
    server = AnnouncingServer(plain(), lambda port, _: told.put_nowait(port))
    task = asyncio.create_task(server.serve())
    yield server, await asyncio.wait_for(told.get(), 10), task
    server.should_exit = True
    await asyncio.wait_for(task, 10)


async def test_it_sleeps_until_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    sleep, naps, loop = asyncio.sleep, list[float](), asyncio.get_running_loop()

    async def noted(seconds: float) -> None:
        if asyncio.get_running_loop() is loop:  # other threads may have servers of their own
            naps.append(seconds)
        await sleep(seconds)

    async with serving() as (_, port, _), httpx.AsyncClient() as http:
        monkeypatch.setattr(asyncio, "sleep", noted)
        for _ in range(3):  # each hands the loop over, as to whatever else is due
            assert (await http.get(f"http://127.0.0.1:{port}/")).status_code == 404
        await sleep(0.25)
        assert naps == []
        monkeypatch.undo()


async def test_it_may_be_told_to_end_from_another_thread() -> None:
    async with serving() as (server, _, task):
        await asyncio.to_thread(setattr, server, "should_exit", True)
        await asyncio.wait_for(task, 10)


async def test_told_before_it_serves_it_ends_at_once() -> None:
    server = AnnouncingServer(plain(), lambda *_: None)
    server.should_exit = True
    await asyncio.wait_for(server.serve(), 10)
    assert not any(one.is_serving() for one in server.servers)


async def test_every_answer_has_the_second_in_which_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000_000.9
    async with serving() as (_, port, _), httpx.AsyncClient() as http:
        monkeypatch.setattr(time, "time", lambda: now)
        dates = [(await http.get(f"http://127.0.0.1:{port}/")).headers.get_list("date")]
        now += 0.2
        dates.append((await http.get(f"http://127.0.0.1:{port}/")).headers.get_list("date"))
        monkeypatch.undo()
    assert dates == [["Sun, 09 Sep 2001 01:46:40 GMT"], ["Sun, 09 Sep 2001 01:46:41 GMT"]]


def test_a_server_that_is_to_tell_no_date_tells_none() -> None:
    config = uvicorn.Config(FastAPI(), date_header=False, server_header=False, headers=[("x-by", "us")])
    config.load()
    assert DatedState(config).default_headers == [(b"x-by", b"us")]
