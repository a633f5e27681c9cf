"""One call and everybody who waits for it: whoever leaves, leaves alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

import pytest

from gateway.caching.admission import Admission
from gateway.caching.flight import Flight, Passenger, begun
from gateway.errors import UpstreamTruncated, UpstreamUnreachable
from gateway.exchange import Reply
from gateway.protocol.wire import JsonObject
from tests.caching.conftest import question


class Backend:
    """Says what a test lets it say."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[JsonObject | Exception | None] = asyncio.Queue()
        self.calls = 0
        self.said = 0
        self.closed = asyncio.Event()
        self.refuses: Exception | None = None
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self) -> Reply:
        self.calls += 1
        await asyncio.sleep(0)
        if self.refuses:
            raise self.refuses
        return Reply(status=200, streaming=True, body=self._body())

    def say(self, *texts: str) -> None:
        for text in texts:
            self.lines.put_nowait({"text": text})

    def end(self, error: Exception | None = None) -> None:
        self.lines.put_nowait(error)

    async def _body(self) -> AsyncGenerator[JsonObject, None]:
        try:
            while (line := await self.lines.get()) is not None:
                if isinstance(line, Exception):
                    raise line
                self.said += 1
                yield line
        finally:
            self.closed.set()
            await self.may_end.wait()


class Landing:
    def __init__(self) -> None:
        self.flights: list[Flight] = []
        self.waits = asyncio.Event()
        self.waits.set()

    async def __call__(self, flight: Flight) -> None:
        await self.waits.wait()
        self.flights.append(flight)


def flown(backend: Backend, landing: Landing | None = None, max_bytes: int = 10_000) -> Flight:
    return Flight(Admission(question(streaming=True), max_bytes), backend, landing or Landing())


def boarded(flight: Flight) -> Passenger:
    passenger = flight.board()
    assert passenger is not None
    return passenger


async def read(passenger: Passenger) -> list[str]:
    await passenger.head()
    return [event["text"] async for event in await begun(passenger.events())]


async def test_all_are_given_all_of_it() -> None:
    backend, landing = Backend(), Landing()
    flight = flown(backend, landing)
    early = [asyncio.create_task(read(boarded(flight))) for _ in range(3)]
    backend.say("a", "b")
    while backend.said < 2:
        await asyncio.sleep(0)
    late = asyncio.create_task(read(boarded(flight)))
    backend.say("c")
    backend.end()
    assert await asyncio.gather(*early, late) == [["a", "b", "c"]] * 4
    assert backend.calls == 1
    assert [one.landed for one in landing.flights] == [True]


async def test_a_stream_comes_as_it_is_said() -> None:
    backend = Backend()
    passenger = boarded(flown(backend))
    await passenger.head()
    async with aclosing(await begun(passenger.events())) as events:
        for text in ("a", "b"):
            backend.say(text)
            assert (await anext(events))["text"] == text


async def test_one_who_leaves_does_not_take_the_call_along() -> None:
    backend = Backend()
    flight = flown(backend)
    leader, follower = boarded(flight), boarded(flight)
    reading = asyncio.create_task(read(leader))
    backend.say("a")
    await asyncio.sleep(0.01)
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading
    backend.say("b")
    backend.end()
    assert await read(follower) == ["a", "b"]


@pytest.mark.parametrize("said", [0, 2])
async def test_when_all_have_left_the_call_ends(said: int) -> None:
    backend, landing = Backend(), Landing()
    flight = flown(backend, landing)
    passengers = [boarded(flight), boarded(flight)]
    backend.say(*"ab"[:said])
    readings = [asyncio.create_task(read(passenger)) for passenger in passengers]
    await asyncio.sleep(0.01)
    for reading in readings:
        reading.cancel()
    async with asyncio.timeout(5):
        await backend.closed.wait()
        while not landing.flights:
            await asyncio.sleep(0)
    assert not flight.landed
    assert flight.board() is None


@pytest.mark.parametrize("ended_by", ["the last passenger", "the gateway"])
async def test_nobody_boards_a_flight_that_is_ending(ended_by: str) -> None:
    """What stands around the backend may take a while to settle."""
    backend, landing = Backend(), Landing()
    backend.may_end.clear()
    flight = flown(backend, landing)
    passenger = boarded(flight)
    backend.say("a")
    await passenger.head()
    events = await begun(passenger.events())
    assert await anext(events) == {"text": "a"}
    ending = asyncio.create_task(flight.cancelled()) if ended_by == "the gateway" else asyncio.create_task(events.aclose())
    async with asyncio.timeout(5):
        await backend.closed.wait()
    assert not landing.flights
    assert flight.board() is None
    backend.may_end.set()
    await ending


async def test_one_who_leaves_before_the_call_began_leaves_nothing_behind() -> None:
    backend, landing = Backend(), Landing()
    flight = flown(backend, landing)
    boarded(flight).leave()
    async with asyncio.timeout(5):
        while not landing.flights:
            await asyncio.sleep(0)
    assert backend.calls == 0


async def test_one_who_is_not_read_is_closed_all_the_same() -> None:
    backend = Backend()
    passenger = boarded(flown(backend))
    backend.say("a")
    await passenger.head()
    await (await begun(passenger.events())).aclose()
    async with asyncio.timeout(5):
        await backend.closed.wait()


async def test_a_call_that_is_refused_is_refused_to_all() -> None:
    backend = Backend()
    backend.refuses = UpstreamUnreachable("no")
    flight = flown(backend)
    for passenger in (boarded(flight), boarded(flight)):
        with pytest.raises(UpstreamUnreachable):
            await passenger.head()
    assert flight.board() is None


async def test_what_came_before_the_break_is_given() -> None:
    backend = Backend()
    flight = flown(backend)
    passenger = boarded(flight)
    backend.say("a")
    backend.end(UpstreamTruncated("cut"))
    await passenger.head()
    await passenger.ready()
    events = await begun(passenger.events())
    assert await anext(events) == {"text": "a"}
    with pytest.raises(UpstreamTruncated):
        await anext(events)


async def test_a_break_before_the_first_word_shows_while_one_is_waiting() -> None:
    backend = Backend()
    passenger = boarded(flown(backend))
    backend.end(UpstreamTruncated("cut"))
    await passenger.head()
    with pytest.raises(UpstreamTruncated):
        await passenger.ready()


async def test_an_answer_that_has_landed_can_be_joined_until_it_is_kept() -> None:
    backend, landing = Backend(), Landing()
    landing.waits.clear()
    flight = flown(backend, landing)
    first = boarded(flight)
    backend.say("a")
    backend.end()
    assert await read(first) == ["a"]
    assert await read(boarded(flight)) == ["a"]
    landing.waits.set()
    while not landing.flights:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert flight.board() is None


async def test_what_is_too_much_to_keep_can_no_longer_be_joined() -> None:
    backend = Backend()
    flight = flown(backend, max_bytes=30)
    passenger = boarded(flight)
    backend.say("a" * 40)
    backend.end()
    assert await read(passenger) == ["a" * 40]
    assert flight.board() is None


async def test_a_backend_is_not_read_far_ahead_of_its_fastest_reader() -> None:
    backend = Backend()
    flight = flown(backend)
    slow, fast = boarded(flight), boarded(flight)
    backend.say(*map(str, range(500)))
    backend.end()
    await fast.head()
    await asyncio.sleep(0.01)
    assert backend.said < 100
    assert len(await read(fast)) == 500
    assert slow.behind == 500
    assert len(await read(slow)) == 500


async def test_one_who_is_far_too_slow_is_let_go_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for one client is memory: it may not take as much as a backend says."""
    monkeypatch.setattr("gateway.caching.flight._MOST_BEHIND", 100)
    backend = Backend()
    flight = flown(backend)
    quick, slow = boarded(flight), boarded(flight)
    said = [str(number) for number in range(300)]
    backend.say(*said)
    backend.end()
    assert [event["text"] async for event in quick.events() if event] == said
    assert slow.behind == 0
    with pytest.raises(UpstreamTruncated, match="too slowly"):
        [event async for event in slow.events()]


async def test_a_call_that_is_given_up_leaves_nobody_waiting() -> None:
    backend = Backend()
    flight = flown(backend)
    waiting = asyncio.create_task(read(boarded(flight)))
    await asyncio.sleep(0.01)
    await flight.cancelled()
    with pytest.raises(UpstreamTruncated):
        await waiting


@pytest.mark.parametrize("failed", [True, False])
async def test_what_a_flight_holds_is_let_go_to_the_end(failed: bool) -> None:
    """Whoever waited for it leaves, all at once or one after the other, while it gives back what it holds."""
    backend, landing = Backend(), Landing()
    landing.waits.clear()
    flight = flown(backend, landing)
    passengers = [boarded(flight) for _ in range(2)]
    waiting = [asyncio.create_task(read(passenger)) for passenger in passengers]
    await asyncio.sleep(0.01)
    if failed:
        backend.end(UpstreamUnreachable("gone"))
    else:
        for task in waiting:
            task.cancel()
    await asyncio.wait(waiting)
    for passenger in passengers:
        passenger.leave()
    ending = asyncio.create_task(flight.cancelled())
    await asyncio.sleep(0.01)
    landing.waits.set()
    await ending
    assert landing.flights == [flight]
