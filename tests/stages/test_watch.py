"""A key that is revoked ends the answer that it began; what nobody can tell, and what ends before, does not."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import pytest

from gateway.audit.journal import NoJournal
from gateway.errors import GatewayError, ProtectionUnavailable, Unauthenticated
from gateway.exchange import Body, Exchange, Principal, Reply
from gateway.protocol.wire import Surface
from gateway.stages.watch import Watch

APP = Principal(tenant="acme", id="app", key_id="pgw_1")


class Door:
    def __init__(self, *answers: GatewayError | None) -> None:
        self._answers = list(answers)
        self.asked: list[Principal] = []

    async def still(self, who: Principal) -> None:
        self.asked.append(who)
        await asyncio.sleep(0)
        if error := self._answers.pop(0) if self._answers else None:
            raise error


class Ticking:
    """A clock that goes on by so many seconds with each event."""

    def __init__(self, step_s: float) -> None:
        self.now, self.step_s = 0.0, step_s

    def __call__(self) -> float:
        return self.now

    async def events(self, count: int, closed: list[bool]) -> Body:
        try:
            for number in range(count):
                self.now += self.step_s
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                yield {"number": number}
        finally:
            closed.append(True)


async def watched(door: Door, clock: Ticking, count: int, closed: list[bool], *, streaming: bool = True) -> Reply:
    async def intake() -> bytes:
        return b""

    async def answer(_: Exchange) -> Reply:
        return Reply(status=200, streaming=streaming, body=clock.events(count, closed))

    exchange = Exchange(call_id="c", surface=Surface.CHAT, journal=NoJournal(), intake=intake, principal=APP)
    return await Watch(door, clock)(exchange, answer)


async def heard(reply: Reply, into: list[int]) -> None:
    async for event in reply.body:
        into.append(event["number"])


async def test_a_revoked_key_ends_the_stream() -> None:
    numbers, closed = list[int](), list[bool]()
    door = Door(None, Unauthenticated("The API key has been revoked."))
    with pytest.raises(Unauthenticated, match="revoked"):
        await heard(await watched(door, Ticking(0.5), 100, closed), numbers)
    assert numbers == list(range(len(numbers)))
    assert 0 < len(numbers) < 12
    assert (closed, door.asked) == ([True], [APP, APP])


async def test_it_is_asked_once_a_second_and_not_for_short_answers() -> None:
    door, numbers = Door(), list[int]()
    await heard(await watched(door, Ticking(0.1), 9, []), numbers)
    assert (len(numbers), door.asked) == (9, [])
    await heard(await watched(door, Ticking(0.1), 100, []), numbers)
    assert 5 <= len(door.asked) <= 10


async def test_where_nobody_can_tell_the_stream_goes_on_and_is_asked_about_again() -> None:
    door, numbers = Door(ProtectionUnavailable("the key store cannot be used"), None), list[int]()
    await heard(await watched(door, Ticking(0.4), 20, []), numbers)
    assert len(numbers) == 20
    assert len(door.asked) > 1


async def test_a_plain_answer_is_not_touched() -> None:
    door, closed = Door(Unauthenticated("no")), list[bool]()
    reply = await watched(door, Ticking(5.0), 1, closed, streaming=False)
    assert [event async for event in reply.body] == [{"number": 0}]
    assert door.asked == []


@pytest.mark.parametrize("error", [None, Unauthenticated("no"), ProtectionUnavailable("no")])
async def test_nothing_is_left_behind(error: GatewayError | None) -> None:
    """Neither a task nor a complaint that nobody looked at what it found."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    closed = list[bool]()
    reply = await watched(Door(error), Ticking(1.0), 1, closed)
    await anext(reply.body)
    await _settled(lambda: len(asyncio.all_tasks()) == 1)
    await reply.body.aclose()
    gc.collect()
    assert (closed, complaints) == ([True], [])
    assert len(asyncio.all_tasks()) == 1


async def _settled(holds: Callable[[], bool]) -> None:
    for _ in range(20):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("never settled")
