"""Who waits, who goes next, and that nobody waits for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.errors import Overloaded
from gateway.obligations import DeploymentRef
from gateway.routing.queue import Queue, Wish
from tests.routing.fleet import A, B


class Room:
    """Some places, and a queue for them."""

    def __init__(self, limit: int = 8) -> None:
        self.queue: Queue[str] = Queue(limit)
        self.places: list[str] = []
        self.served: list[str] = []
        self.returned: list[str] = []

    async def wants(
        self, name: str, *, priority: int = 0, tenant: str = "", longest_s: float = 5, at: DeploymentRef = A
    ) -> None:
        wish: Wish[str] = Wish(
            places=(at,),
            take=lambda: self.places.pop() if self.places else None,
            give_back=self.returned.append,
            priority=priority,
            tenant=tenant,
            retry_after_s=7,
        )
        await self.queue.wait(wish, longest_s)
        self.served.append(name)

    async def come(self, *waiters: asyncio.Task[None]) -> None:
        while len(self.queue) < len(waiters):
            assert not any(waiter.done() for waiter in waiters)
            await asyncio.sleep(0)

    async def serve(self, count: int) -> None:
        for number in range(count):
            self.places.append(f"place {number}")
            self.queue.room(A)
            await asyncio.sleep(0.01)


async def all_of(waiters: list[asyncio.Task[None]]) -> None:
    async with asyncio.timeout(10):
        await asyncio.gather(*waiters)


async def test_the_greater_priority_goes_first_and_then_who_came_first() -> None:
    room = Room()
    wants = [("late", 0), ("later", 0), ("low", -1), ("high", 1)]
    waiters = [asyncio.create_task(room.wants(name, priority=priority)) for name, priority in wants]
    await room.come(*waiters)
    await room.serve(4)
    await all_of(waiters)
    assert room.served == ["high", "late", "later", "low"]


async def test_tenants_take_turns_however_many_one_sends() -> None:
    room = Room()
    names = ["flood 1", "flood 2", "flood 3", "other 1", "other 2"]
    waiters = [asyncio.create_task(room.wants(name, tenant=name.split()[0])) for name in names]
    await room.come(*waiters)
    await room.serve(5)
    await all_of(waiters)
    assert room.served == ["flood 1", "other 1", "flood 2", "other 2", "flood 3"]


async def test_who_waits_too_long_is_told_when_to_come_again() -> None:
    room = Room()
    with pytest.raises(Overloaded) as refused:
        await room.wants("late", longest_s=0.01)
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (503, "overloaded", 7)
    assert len(room.queue) == 0


async def test_a_full_queue_takes_nobody() -> None:
    room = Room(limit=1)
    waiting = asyncio.create_task(room.wants("first"))
    await room.come(waiting)
    with pytest.raises(Overloaded):
        await room.wants("second")
    await room.serve(1)
    await all_of([waiting])


async def test_who_hangs_up_leaves_the_queue() -> None:
    room = Room()
    waiters = [asyncio.create_task(room.wants(name)) for name in ("gone", "patient")]
    await room.come(*waiters)
    waiters[0].cancel()
    await asyncio.gather(waiters[0], return_exceptions=True)
    await room.serve(1)
    await all_of(waiters[1:])
    assert room.served == ["patient"]


async def test_who_hangs_up_in_the_moment_of_his_turn_gives_the_place_back() -> None:
    room = Room()
    waiter = asyncio.create_task(room.wants("gone"))
    await room.come(waiter)
    room.places.append("place")
    room.queue.room(A)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    assert (room.served, room.returned) == ([], ["place"])


async def test_a_place_somewhere_else_is_no_place() -> None:
    room = Room()
    waiter = asyncio.create_task(room.wants("for b", at=B))
    await room.come(waiter)
    assert room.queue.is_before(B, 0)
    assert not room.queue.is_before(B, 1)
    assert not room.queue.is_before(A, 0)
    room.places.append("place")
    room.queue.room(A)
    assert room.places
    room.queue.room(B)
    await all_of([waiter])


async def test_a_place_that_nobody_left_is_found_all_the_same() -> None:
    """A rest has ended, or a breaker lets a trial through."""
    room = Room()
    waiter = asyncio.create_task(room.wants("patient"))
    await room.come(waiter)
    room.places.append("place")
    await all_of([waiter])
    assert room.served == ["patient"]


async def test_closing_sends_everybody_away() -> None:
    room = Room()
    waiter = asyncio.create_task(room.wants("waiting"))
    await room.come(waiter)
    room.queue.close()
    with pytest.raises(Overloaded):
        await waiter
    with pytest.raises(Overloaded):
        await room.wants("newcomer")


async def test_tenants_that_come_and_go_do_not_keep_back_one_that_waits() -> None:
    """Who has just been served and comes again is behind who waited meanwhile."""
    room = Room()
    waiters = [asyncio.create_task(room.wants(name, tenant="many")) for name in ("many 1", "many 2", "many 3")]
    await room.come(*waiters)
    await room.serve(1)
    for turn in range(2):
        guests = [asyncio.create_task(room.wants(f"{who} {turn}", tenant=who)) for who in ("one", "other")]
        await asyncio.sleep(0)
        await room.serve(3)
        waiters += guests
    await all_of(waiters)
    assert room.served == ["many 1", "many 2", "one 0", "other 0", "many 3", "one 1", "other 1"]


@pytest.mark.parametrize("fuller", [{"tenant": "other"}, {"tenant": "flood", "priority": 1}], ids=["tenant", "priority"])
async def test_nobody_keeps_others_out_by_filling_the_queue(fuller: dict[str, Any]) -> None:
    room = Room(limit=3)
    flood = [asyncio.create_task(room.wants(f"flood {number}", tenant="flood")) for number in range(3)]
    await room.come(*flood)
    let_in = asyncio.create_task(room.wants("let in", **fuller))
    with pytest.raises(Overloaded):
        await flood[2]
    assert len(room.queue) == 3
    await room.serve(3)
    await all_of([*flood[:2], let_in])
    assert sorted(room.served) == ["flood 0", "flood 1", "let in"]


async def test_a_full_queue_of_equals_stays_as_it_is() -> None:
    room = Room(limit=2)
    waiting = [asyncio.create_task(room.wants(name, tenant=name)) for name in ("one", "other")]
    await room.come(*waiting)
    for tenant, priority in (("third", 0), ("one", 0), ("third", -1)):
        with pytest.raises(Overloaded):
            await room.wants("late", tenant=tenant, priority=priority)
    await room.serve(2)
    await all_of(waiting)
