"""Hints between gateways, over a channel of Redis. All that a lost one costs is the time until the next look."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisClusterException, RedisError

from gateway.shared.hints import Hint, HintSeal, Topic
from gateway.shared.place import RedisPlace, close
from gateway.shared.together import together

_log = logging.getLogger(__name__)
TROUBLE = (RedisError, RedisClusterException, OSError, TimeoutError)
_TIMEOUT_S = 1.0
_SILENCE_S = 5.0  # after which a connection has to show that it lives
_PAUSE_S = 0.5

Obey = Callable[[str], None]


class Broadcast:
    """`obey` says what to do about a topic; each runs in a thread, must not raise, and gets the hint's word.

    Whoever has just begun to listen does not know what was said before, and so looks after the keys at once.
    """

    def __init__(self, place: RedisPlace, secret: bytes, obey: Mapping[Topic, Obey]) -> None:
        self._place = place
        self._channel = channel_of(place)
        self._seal = HintSeal(secret)
        self._obey = obey
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told: asyncio.Queue[Hint] = asyncio.Queue()
        self._warned = False

    def announce(self, hint: Hint) -> None:
        """From any thread, without waiting. Before `run`, and after it, nobody is told."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has just ended
                self._loop.call_soon_threadsafe(self._told.put_nowait, hint)

    async def run(self) -> None:
        """Tell and listen, until cancelled."""
        self._loop = asyncio.get_running_loop()
        client = self._place.client(_TIMEOUT_S)
        try:
            await together(self._tell(client), self._listen(client))
        finally:
            self._loop = None
            await close(client)

    async def _tell(self, client: Redis) -> None:
        while True:
            hint = await self._told.get()
            with suppress(*TROUBLE):
                await client.publish(self._channel, self._seal.write(hint))

    async def _listen(self, client: Redis) -> None:
        while True:
            with suppress(*TROUBLE):
                async with client.pubsub(ignore_subscribe_messages=True, push_handler_func=_unlogged) as heard:
                    await heard.subscribe(self._channel)
                    await self._follow(Hint(Topic.KEYS))
                    await self._hear(heard)
            await asyncio.sleep(_PAUSE_S)

    async def _hear(self, heard: PubSub) -> None:
        """Raises what redis-py raises, and TimeoutError where the other end is silent even when asked."""
        asked = False
        while True:
            message = await heard.get_message(timeout=_SILENCE_S)
            if message is not None:
                asked = False
                await self._weigh(message)
            elif asked:
                raise TimeoutError
            else:
                asked = True
                await heard.ping()

    async def _weigh(self, message: Mapping[str, Any]) -> None:
        if message["type"] != "message":
            return
        hint = self._seal.read(message["data"])
        if hint is not None:
            await self._follow(hint)
        elif not self._warned:
            self._warned = True
            _log.warning("a hint was not signed with this gateway's secret: do all gateways on this Redis share it?")

    async def _follow(self, hint: Hint) -> None:
        if (obey := self._obey.get(hint.topic)) is not None:
            await asyncio.to_thread(obey, hint.word)


async def announce_once(place: RedisPlace, secret: bytes, hint: Hint) -> None:
    """For a command, which does not stay to listen. Where Redis is in trouble, nobody is told."""
    client = place.client(_TIMEOUT_S)
    try:
        with suppress(*TROUBLE):
            await client.publish(channel_of(place), HintSeal(secret).write(hint))
    finally:
        await close(client)


def channel_of(place: RedisPlace) -> str:
    return f"{place.prefix}:hints"


async def _unlogged(message: Any) -> Any:
    """The client's own handler writes every message to its log."""
    return message
