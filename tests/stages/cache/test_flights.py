"""Equal questions at once are one call, and what becomes of those who wait for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from gateway.caching.memory import MemoryStore
from gateway.caching.store import Lease, Name
from gateway.errors import UpstreamTruncated, UpstreamUnreachable
from gateway.protocol.wire import JsonObject
from tests.caching.conftest import ASKED, Book, exchange
from tests.caching.conftest import cache_redis as cache_redis
from tests.caching.conftest import redis as redis
from tests.stages.cache.house import STREAM, USAGE, Backend, House, Told, house, started, tasks


@pytest.mark.parametrize("stream", [False, True])
async def test_equal_questions_at_once_are_one_call(home: House, stream: bool) -> None:
    home.backend.events = STREAM if stream else home.backend.events
    home.backend.gate.clear()
    asking = tasks(home, 5, stream=stream)
    await started(*asking)
    home.backend.gate.set()
    told = await asyncio.gather(*asking)
    assert [one.state for one in told] == ["miss", *["hit"] * 4]
    assert home.backend.calls == home.backend.closed == 1
    assert [one.last.cached_from for one in told] == [None, *["call-0"] * 4]
    assert len({one.events[0]["id"] for one in told}) == 5
    assert sum(one.book.commits for one in told) == 1


async def test_different_questions_do_not_wait_for_each_other(home: House) -> None:
    asking = [asyncio.create_task(home.ask(body={**ASKED, "seed": seed})) for seed in range(4)]
    assert {one.state for one in await asyncio.gather(*asking)} == {"miss"}
    assert home.backend.calls == 4


async def test_one_who_wants_a_fresh_answer_waits_for_nobody(home: House) -> None:
    home.backend.gate.clear()
    asking = [*tasks(home, 2), *tasks(home, 2, control="no-cache")]
    await started(*asking)
    home.backend.gate.set()
    assert sorted(str(one.state) for one in await asyncio.gather(*asking)) == ["hit", "miss", "miss", "miss"]
    assert home.backend.calls == 3


@pytest.mark.parametrize("who", [[0], [1], [0, 1], [1, 2]])
async def test_who_hangs_up_takes_nobody_along(home: House, who: list[int]) -> None:
    home.backend.gate.clear()
    asking = tasks(home, 4, stream=True)
    home.backend.events = STREAM
    await started(*asking)
    for at in who:
        asking[at].cancel()
    await asyncio.sleep(0.01)
    home.backend.gate.set()
    told = [await task for at, task in enumerate(asking) if at not in who]
    assert all(len(one.events) == len(STREAM) for one in told)
    assert home.backend.calls == 1
    assert (await home.ask(stream=True)).state == "hit"


async def test_somebody_pays_for_a_call_whose_leader_has_gone(home: House) -> None:
    home.backend.gate.clear()
    leader, *others = tasks(home, 3)
    await started(leader, *others)
    leader.cancel()
    await asyncio.sleep(0.01)
    home.backend.gate.set()
    told = await asyncio.gather(*others)
    assert [one.state for one in told] == ["hit", "hit"]
    assert sorted((one.book.told.output_tokens or 0, one.book.commits) for one in told if one.book.told) == [(0, 0), (2, 1)]


async def test_who_took_a_leaders_place_and_leaves_too_hands_it_on(home: House) -> None:
    home.backend.events = STREAM
    home.backend.gate.clear()
    asked = [exchange(stream=True, call_id=f"call-{at}") for at in range(3)]
    coming = [asyncio.create_task(home.stage(one, home.backend)) for one in asked]
    await asyncio.sleep(0.01)
    await (await coming[0]).body.aclose()
    await asyncio.sleep(0.01)
    home.backend.gate.set()
    heir, last = [(await task).body for task in coming[1:]]
    await anext(heir)
    await heir.aclose()
    assert [event async for event in last][-1]["usage"] == USAGE
    books = [one.journal for one in asked if isinstance(one.journal, Book)]
    assert [book.commits for book in books] == [1, 1, 1]
    assert books[2].told is not None
    assert books[2].told.output_tokens == 2


async def test_no_call_is_made_in_the_name_of_somebody_who_has_gone() -> None:
    gate = asyncio.Event()

    class Slow(MemoryStore):
        async def lease(self, name: Name) -> Lease | None:
            await gate.wait()
            return await super().lease(name)

    home = house(Slow(2**20))
    leader, other = tasks(home, 2)
    await started(leader, other)
    leader.cancel()
    await asyncio.sleep(0.01)
    gate.set()
    assert (await other).state == "miss"
    assert (home.backend.calls, (await other).book.commits) == (1, 1)
    await home.flights.close()


async def test_the_gateway_does_not_stop_before_leases_are_given_back() -> None:
    asked, gate = asyncio.Event(), asyncio.Event()

    class Held:
        released = False

        async def release(self) -> None:
            asked.set()
            await gate.wait()
            self.released = True

    lease = Held()

    class Leasing(MemoryStore):
        async def lease(self, name: Name) -> Lease | None:
            return lease

    home = house(Leasing(2**20))
    reply = await home.stage(exchange(), home.backend)
    assert len([event async for event in reply.body]) == 1
    await asked.wait()
    closing = asyncio.create_task(home.flights.close())
    await asyncio.sleep(0.01)
    gate.set()
    await closing
    assert lease.released


async def test_an_answer_on_its_way_is_shared_by_those_with_equal_labels_only(home: House) -> None:
    home.backend.gate.clear()
    labels = [{"user": "anna"}, {"user": "anna"}, {"user": "ben"}, {}]
    asking = [asyncio.create_task(home.ask(body={**ASKED, **label})) for label in labels]
    await started(*asking)
    home.backend.gate.set()
    assert [one.state for one in await asyncio.gather(*asking)] == ["miss", "hit", "miss", "miss"]
    assert (await home.ask(body={**ASKED, "user": "carl"})).state == "hit"


async def test_when_all_hang_up_the_call_ends(home: House) -> None:
    home.backend.gate.clear()
    asking = tasks(home, 3)
    await started(*asking)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    async with asyncio.timeout(5):
        while not home.backend.closed or home.flights._all:
            await asyncio.sleep(0)


async def test_a_leader_that_fails_is_followed_by_another(home: House) -> None:
    home.backend.refuses = [UpstreamUnreachable("down")]
    home.backend.gate.clear()
    asking = tasks(home, 4)
    await started(*asking)
    home.backend.gate.set()
    first, *others = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(first, UpstreamUnreachable)
    assert sorted(str(one.state) for one in others if isinstance(one, Told)) == ["hit", "hit", "miss"]
    assert home.backend.calls == 2


async def test_where_the_backend_is_down_everybody_hears_of_it(home: House) -> None:
    home.backend.refuses = [UpstreamUnreachable("down") for _ in range(9)]
    home.backend.gate.clear()
    asking = tasks(home, 6)
    await started(*asking)
    home.backend.gate.set()
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(one, UpstreamUnreachable) for one in outcomes)
    assert len({id(one) for one in outcomes}) == 6
    assert home.backend.calls == 6


async def test_a_refusal_is_not_shared(home: House) -> None:
    home.backend.status, home.backend.events = 400, [{"error": {"message": "no"}}]
    home.backend.gate.clear()
    asking = tasks(home, 3)
    await asyncio.sleep(0.02)
    home.backend.gate.set()
    told = await asyncio.gather(*asking)
    assert [one.reply.status for one in told] == [400] * 3
    assert home.backend.calls == 3


async def test_what_breaks_while_it_is_shared_breaks_for_all(home: House) -> None:
    home.backend.events, home.backend.breaks = STREAM[:2], UpstreamTruncated("cut")
    home.backend.gate.clear()
    asking = tasks(home, 3, stream=True)
    await started(*asking)
    home.backend.gate.set()
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(one) for one in outcomes] == [UpstreamTruncated] * 3
    assert len({id(one) for one in outcomes}) == 3


async def test_an_answer_that_nobody_reads_is_given_up(home: House) -> None:
    home.backend.gate.clear()
    reply = await home.stage(exchange(stream=True), home.backend)
    await reply.body.aclose()
    async with asyncio.timeout(5):
        while home.flights._all:
            await asyncio.sleep(0)
    assert home.backend.closed == 1


class Settling(Backend):
    """Says half of its first answer, and takes a while to end it."""

    def __init__(self) -> None:
        super().__init__(events=STREAM)
        self.may_end = asyncio.Event()

    async def _body(self) -> AsyncGenerator[JsonObject, None]:
        first = self.calls == 1
        try:
            for event in STREAM[:2] if first else STREAM:
                yield event
            if first:
                await asyncio.Event().wait()
        finally:
            await self.may_end.wait()
            self.closed += 1


async def test_who_asks_while_the_last_one_hangs_up_has_an_answer_of_their_own(home: House) -> None:
    home.backend = backend = Settling()
    first = await home.stage(exchange(stream=True, call_id="gone"), backend)
    assert [await anext(first.body), await anext(first.body)] == STREAM[:2]
    await first.body.aclose()
    asking = tasks(home, 3, stream=True)
    await started(*asking)
    backend.may_end.set()
    told = await asyncio.gather(*asking)
    assert [one.state for one in told] == ["miss", "hit", "hit"]
    assert [len(one.events) for one in told] == [len(STREAM)] * 3
    assert (backend.calls, backend.closed) == (2, 2)
