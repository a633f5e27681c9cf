"""A second call when the first is slow: the quicker is read, the other hung up on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.audit.journal import NoJournal
from gateway.errors import AuditUnavailable, UpstreamError
from gateway.exchange import Reply
from gateway.obligations import RouteTerms
from gateway.protocol.wire import Surface
from gateway.routing.answering import Answering
from gateway.routing.attempts import Attempts
from gateway.routing.errand import Place, Told
from tests.routing.fleet import A, B, Backend, World, reply

TERMS = RouteTerms(tiers=((A,), (B,)), hedge_after_s=0.01)


class Slow:
    """A backend that answers when told to, and knows whether it was hung up on."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.hung_up = False

    async def __call__(self) -> Reply:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.hung_up = True
            raise
        return reply("late")


async def quick() -> Reply:
    return reply("quick")


async def ill() -> Reply:
    raise UpstreamError("500")


class Seated(World):
    """Its answers leave their places when they are closed, also before they have begun, as the stage's do."""

    async def _send(self, place: Place, told: Told) -> Reply:
        self.asked.append(place.choice.deployment.id)
        answer = await self.backends[place.choice.deployment.id]()
        return replace(answer, body=Answering(answer.body, Surface.CHAT, NoJournal(), place.seat))


async def said(world: World) -> object:
    async with asyncio.timeout(10):
        got = await Attempts(world.errand(A, B, terms=TERMS), world.shared).answer()
        (part,) = [part async for part in got.body]
        return part["said"]


def is_over(world: World) -> bool:
    return all(standing.open == 0 for standing in world.standings.known())


async def test_the_second_answers_and_the_first_is_hung_up_on() -> None:
    slow = Slow()
    world = World({"a": slow, "b": quick})
    assert await said(world) == "quick"
    assert (slow.hung_up, world.results()) == (True, [("a", "abandoned"), ("b", "answered")])
    assert world.standings.of(A).window.sums().timed == 1  # that it was slow is known of it
    assert is_over(world)


async def test_a_quick_one_is_asked_alone() -> None:
    world = World({"a": quick, "b": quick})
    assert await said(world) == "quick"
    assert world.asked == ["a"]


async def test_the_first_may_win_though_another_was_asked() -> None:
    first, second = Slow(), Slow()
    world = World({"a": first, "b": second})
    asking = asyncio.create_task(said(world))
    while len(world.asked) < 2:
        await asyncio.sleep(0.001)
    first.go.set()
    assert await asking == "late"
    assert (second.hung_up, world.results()) == (True, [("b", "abandoned"), ("a", "answered")])
    assert is_over(world)


@pytest.mark.parametrize("other", [ill, quick], ids=["fails", "answers"])
async def test_a_second_that_fails_leaves_the_first(other: Backend) -> None:
    slow = Slow()
    world = World({"a": slow, "b": other})
    asking = asyncio.create_task(said(world))
    while len(world.asked) < 2:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0)
    slow.go.set()
    assert await asking in ("late", "quick")
    assert world.results()[-1][1] == "answered"
    assert is_over(world)


async def test_a_client_that_hangs_up_ends_both() -> None:
    first, second = Slow(), Slow()
    world = World({"a": first, "b": second})
    asking = asyncio.create_task(said(world))
    while len(world.asked) < 2:
        await asyncio.sleep(0.001)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert (first.hung_up, second.hung_up) == (True, True)
    assert is_over(world)


async def test_what_is_no_failure_of_a_backend_ends_both() -> None:
    async def unrecorded() -> Reply:
        raise AuditUnavailable("no record")

    slow = Slow()
    world = World({"a": slow, "b": unrecorded})
    with pytest.raises(AuditUnavailable):
        await said(world)
    assert slow.hung_up
    assert is_over(world)


async def test_hedges_come_out_of_the_budget() -> None:
    slow = Slow()
    world = World({"a": slow, "b": quick})
    budget = world.shared.budgets.of("acme")
    while budget.left:
        budget.spend()
    slow.go.set()
    assert await said(world) == "late"
    assert world.asked == ["a"]


@pytest.mark.parametrize("turns", range(6))
async def test_a_client_that_hangs_up_while_the_slower_is_hung_up_on_gets_nothing(turns: int) -> None:
    """The answer that was kept for it is given up as well, with its place."""
    go = asyncio.Event()

    async def quick_when_told() -> Reply:
        await go.wait()
        return reply("quick")

    async def slow_to_end() -> Reply:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
        raise AssertionError

    world = Seated({"a": slow_to_end, "b": quick_when_told})
    asking = asyncio.create_task(Attempts(world.errand(A, B, terms=TERMS), world.shared).answer())
    while len(world.asked) < 2:
        await asyncio.sleep(0.001)
    go.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert is_over(world)


async def test_who_is_cancelled_twice_gives_back_every_place() -> None:
    """By a client that leaves and a server that stops, while the slower call is being hung up on."""
    hung_up = asyncio.Event()

    async def stubborn() -> Reply:
        try:
            await asyncio.Event().wait()
        finally:
            hung_up.set()
            await asyncio.sleep(0.01)
        raise AssertionError

    world = Seated({"a": stubborn, "b": quick})
    asking = asyncio.create_task(said(world))
    await hung_up.wait()
    asking.cancel()
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait({asking})
    assert asking.cancelled()
    async with asyncio.timeout(5):
        while any(world.shared.standings.load(one).open for one in (A, B)):
            await asyncio.sleep(0.001)
