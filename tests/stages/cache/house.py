"""The stage that caches, in front of a backend that counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from gateway.caching.answers import Answers
from gateway.caching.flights import Flights
from gateway.caching.memory import MemoryStore
from gateway.caching.store import CacheStore
from gateway.errors import GatewayError
from gateway.exchange import Exchange, Reply
from gateway.protocol.wire import JsonObject
from gateway.stages.cache import STATE_HEADER, Cache
from tests.caching.conftest import Book, answers, exchange
from tests.caching.conftest import cache_redis as cache_redis
from tests.caching.conftest import redis as redis
from tests.support.clock import Clock

USAGE = {"prompt_tokens": 7, "completion_tokens": 2}


def chunk(text: str, reason: str | None = None) -> JsonObject:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return {"id": "chatcmpl-1", "created": 5, "model": "m", "choices": [choice]}


def plain(text: str, reason: str = "stop") -> JsonObject:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": reason}
    return {"id": "chatcmpl-1", "created": 5, "model": "m", "choices": [choice], "usage": USAGE}


@dataclass
class Backend:
    """Answers as it is told, and counts. It waits before each event while `gate` is shut."""

    calls: int = 0
    events: list[JsonObject] = field(default_factory=lambda: [plain("hi <PERSON_1>")])
    status: int = 200
    refuses: list[GatewayError] = field(default_factory=list)
    breaks: GatewayError | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    closed: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def __call__(self, asked: Exchange) -> Reply:
        self.calls += 1
        await asked.journal.commit()
        if self.refuses:
            await self.gate.wait()
            raise self.refuses.pop(0)
        return Reply(status=self.status, streaming=asked.stream, body=self._body(), headers={"x-backend": "gpu"})

    async def _body(self) -> AsyncGenerator[JsonObject, None]:
        try:
            for event in self.events:
                await self.gate.wait()
                yield event
            if self.breaks:
                raise self.breaks
        finally:
            self.closed += 1


@dataclass
class House:
    stage: Cache
    answers: Answers
    flights: Flights
    clock: Clock
    backend: Backend = field(default_factory=Backend)

    async def ask(self, asked: Exchange | None = None, **more: Any) -> Told:
        asked = asked or exchange(**more)
        reply = await self.stage(asked, self.backend)
        events = [event async for event in reply.body]
        await self.settled()
        book = asked.journal
        assert isinstance(book, Book)
        return Told(reply, events, book)

    async def settled(self) -> None:
        """Until every answer that has ended is kept."""
        while any(flight.landed for flight in self.flights._all):
            await asyncio.sleep(0)


@dataclass(frozen=True)
class Told:
    reply: Reply
    events: list[JsonObject]
    book: Book

    @property
    def state(self) -> str | None:
        return self.reply.headers.get(STATE_HEADER)

    @property
    def last(self) -> Exchange:
        assert self.book.last is not None
        return self.book.last


def house(store: CacheStore | None = None, **more: Any) -> House:
    clock = Clock()
    kept = answers(store or MemoryStore(2**20), clock, **more)
    flights = Flights(kept)
    return House(Cache(kept, flights), kept, flights, clock)


STREAM = [chunk("hi "), chunk("<PERSON_1>"), chunk("", "stop"), {"id": "chatcmpl-1", "choices": [], "usage": USAGE}]


async def started(*asking: asyncio.Task[Told]) -> None:
    await asyncio.sleep(0.02)
    assert not any(task.done() for task in asking)


def tasks(home: House, count: int, **more: Any) -> list[asyncio.Task[Told]]:
    return [asyncio.create_task(home.ask(call_id=f"call-{at}", **more)) for at in range(count)]
