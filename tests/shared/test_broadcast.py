"""Gateways that tell each other, on a real Redis that also goes away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio.client import PubSub

from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import Pepper
from gateway.identity.virtual_keys import mint
from gateway.policy.source import PolicySource
from gateway.shared import broadcast
from gateway.shared.broadcast import Broadcast, announce_once, channel_of
from gateway.shared.hints import Hint, Topic
from gateway.shared.place import RedisPlace
from gateway.shared.siblings import Siblings
from tests.shared.conftest import SECRET
from tests.shared.servers import Server
from tests.support.gateway import policy_text

FAR = 3_600.0
PATIENCE_S = 10


@pytest.fixture(autouse=True)
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "_PAUSE_S", 0.05)


@asynccontextmanager
async def listening(place: RedisPlace, heard: asyncio.Queue[tuple[Topic, str]]) -> AsyncIterator[Broadcast]:
    """From when it has begun to listen."""
    loop = asyncio.get_running_loop()

    def obey(topic: Topic, word: str) -> None:
        loop.call_soon_threadsafe(heard.put_nowait, (topic, word))

    one = Broadcast(place, SECRET, {topic: lambda word, topic=topic: obey(topic, word) for topic in Topic})  # type: ignore[misc]
    running = asyncio.create_task(one.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            assert await heard.get() == (Topic.KEYS, "-")
            yield one
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_what_one_tells_another_hears(server: Server) -> None:
    place, heard = RedisPlace(server.url), asyncio.Queue[tuple[Topic, str]]()
    own = asyncio.Queue[tuple[Topic, str]]()
    async with listening(place, heard), listening(place, own) as one:
        await asyncio.to_thread(one.announce, Hint(Topic.POLICY, "0123456789ab"))
        assert await heard.get() == (Topic.POLICY, "0123456789ab")
        await announce_once(place, SECRET, Hint(Topic.KEYS))
        assert await heard.get() == (Topic.KEYS, "-")


async def test_strangers_are_not_heard(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    place, heard = RedisPlace(server.url), asyncio.Queue[tuple[Topic, str]]()
    async with listening(place, heard):
        for _ in range(2):
            await announce_once(place, b"x" * 32, Hint(Topic.KEYS))
        server.client.publish(channel_of(place), b"\xff keys")
        await announce_once(RedisPlace(server.url, prefix="other"), SECRET, Hint(Topic.POLICY, "other"))
        await announce_once(place, SECRET, Hint(Topic.POLICY, "last"))
        assert await heard.get() == (Topic.POLICY, "last")
    assert caplog.text.count("not signed with this gateway's secret") == 1


@pytest.fixture
def own_server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


async def test_after_a_restart_it_looks_and_listens_again(own_server: Server, caplog: pytest.LogCaptureFixture) -> None:
    place, heard = RedisPlace(own_server.url), asyncio.Queue[tuple[Topic, str]]()
    with caplog.at_level(logging.INFO):
        async with listening(place, heard) as one:
            own_server.kill()
            one.announce(Hint(Topic.POLICY, "lost"))
            await announce_once(place, SECRET, Hint(Topic.POLICY, "lost"))
            await asyncio.to_thread(own_server.start)
            assert await heard.get() == (Topic.KEYS, "-")
            one.announce(Hint(Topic.POLICY, "next"))
            while (last := await heard.get()) != (Topic.POLICY, "next"):
                assert last == (Topic.POLICY, "lost")  # where the server was back before it was told
    assert not caplog.records


async def test_a_server_that_falls_silent_is_left(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "_SILENCE_S", 0.5)
    heard, left, hear = asyncio.Queue[tuple[Topic, str]](), asyncio.Event(), Broadcast._hear

    async def hearing(self: Broadcast, heard: PubSub) -> None:
        try:
            await hear(self, heard)
        finally:
            left.set()

    monkeypatch.setattr(Broadcast, "_hear", hearing)
    async with asyncio.timeout(60), listening(RedisPlace(own_server.url), heard):
        while _pings(own_server) < 3:
            await asyncio.sleep(0.05)
        assert heard.empty()
        assert not left.is_set(), "it answers when asked"
        own_server.freeze()
        await left.wait()
        own_server.thaw()
        assert await heard.get() == (Topic.KEYS, "-")


def _pings(server: Server) -> int:
    return int(server.client.info("commandstats").get("cmdstat_ping", {}).get("calls", 0))


async def test_a_revoked_key_is_refused_at_once_elsewhere(server: Server, tmp_path: Path) -> None:
    """The other gateway would look again in an hour."""
    place, loop, seen = RedisPlace(server.url), asyncio.get_running_loop(), asyncio.Event()
    elsewhere = KeyStore(tmp_path / "keys.sqlite", refresh_s=FAR)

    def obey(_: str) -> None:
        elsewhere.look_again()
        loop.call_soon_threadsafe(seen.set)

    there, here = Siblings(place, SECRET, {Topic.KEYS: obey}), Siblings(place, SECRET, {})
    following = [asyncio.create_task(one.follow()) for one in (there, here)]
    store = KeyStore(tmp_path / "keys.sqlite", on_change=lambda: here.announce(Hint(Topic.KEYS)))
    new = mint(Pepper(b"p" * 32), tenant="bank", principal="ann", now=datetime.now(UTC)).record
    async with asyncio.timeout(PATIENCE_S):
        await seen.wait()
        store.add(new)
        found = elsewhere.find(new.key_id)
        assert found is not None
        assert found.revoked is None
        seen.clear()
        while not seen.is_set():  # `here` may only just have begun
            store.revoke(new.key_id, datetime.now(UTC))
            await asyncio.sleep(0.05)
    found = elsewhere.find(new.key_id)
    assert found is not None
    assert found.revoked is not None
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    for keys in (elsewhere, store):
        keys.close()


async def test_without_redis_there_is_nobody() -> None:
    alone = Siblings(None, SECRET, {})
    alone.announce(Hint(Topic.KEYS))
    await alone.follow()
    assert alone.standing is None


def test_a_policy_is_taken_when_the_file_holds_what_was_told(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    first, second = policy_text("http://127.0.0.1:9"), policy_text("http://127.0.0.1:10")
    path.write_text(first, encoding="utf-8")
    kinds: frozenset[str] = frozenset()
    source = PolicySource(path, known_entities=kinds, surrogate_entities=kinds, environ={}, interval_s=FAR)
    before = source.status.version
    path.write_text(second[:-10], encoding="utf-8")
    (tmp_path / "whole.yaml").write_text(second, encoding="utf-8")
    whole = PolicySource(tmp_path / "whole.yaml", known_entities=kinds, surrogate_entities=kinds, environ={}).status.version
    source.heard(whole)  # the file is only half there
    assert (source.status.version, source.problem) == (before, None)
    path.write_text(second, encoding="utf-8")
    source.heard("0123456789ab")
    assert source.status.version == before
    source.heard(whole)
    assert source.status.version == whole
