"""Redis in every kind of trouble, and well again: seen, said once, and over by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.shared.place import RedisPlace
from gateway.shared.watch import Standing, Watch
from tests.shared.servers import Server


@pytest.fixture
def own_server() -> Iterator[Server]:
    server = Server()
    yield server
    server.thaw()
    server.stop()


@pytest.fixture
async def watch(own_server: Server, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Watch]:
    caplog.set_level(logging.INFO, "gateway")
    one = Watch(RedisPlace(own_server.url), every_s=0.02, patience_s=0.3)
    assert one.standing is Standing.UNKNOWN
    following = asyncio.create_task(one.follow())
    await becomes(one, Standing.WELL)
    yield one
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def becomes(watch: Watch, standing: Standing) -> None:
    async with asyncio.timeout(20):
        while watch.standing is not standing:
            await asyncio.sleep(0.01)


async def test_each_trouble_is_told_once(own_server: Server, watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    own_server.client.config_set("maxmemory", 1)
    await becomes(watch, Standing.FULL)
    await asyncio.sleep(0.1)
    own_server.client.config_set("maxmemory", 0)
    await becomes(watch, Standing.WELL)
    own_server.client.replicaof("127.0.0.1", 9)
    await becomes(watch, Standing.COPY)
    own_server.client.replicaof("NO", "ONE")
    await becomes(watch, Standing.WELL)
    told = [record.getMessage().removeprefix("Redis: ") for record in caplog.records]
    assert told == [Standing.FULL, Standing.WELL, Standing.COPY, Standing.WELL]


async def test_one_that_sleeps_or_dies(own_server: Server, watch: Watch) -> None:
    own_server.freeze()
    await becomes(watch, Standing.SILENT)
    own_server.thaw()
    await becomes(watch, Standing.WELL)
    own_server.kill()
    await becomes(watch, Standing.SILENT)
    await asyncio.to_thread(own_server.start)
    await becomes(watch, Standing.WELL)


async def test_a_password_that_changed(own_server: Server, watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    own_server.client.config_set("requirepass", "hunter2")
    own_server.client.client_kill_filter(_type="normal", skipme=True)
    await becomes(watch, Standing.LOCKED)
    own_server.client.execute_command("AUTH", "hunter2")
    own_server.client.config_set("requirepass", "")
    await becomes(watch, Standing.WELL)
    assert "hunter2" not in caplog.text
