"""The stage: what is given from the cache, what is kept, and what becomes of those who wait for one answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.caching.answers import Answers
from gateway.caching.flights import Flights
from gateway.caching.memory import MemoryStore
from gateway.caching.store import CacheStore, Lease, Name
from gateway.errors import GatewayError, KeyDestroyed, NotCached, UpstreamTruncated, UpstreamUnreachable
from gateway.exchange import CacheState, Exchange, Reply
from gateway.obligations import CacheMode, CacheTerms
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject
from gateway.stages.cache import STATE_HEADER, Cache
from tests.caching.conftest import ASKED, Book, Clock, answers, exchange, on_redis
from tests.caching.conftest import cache_redis as cache_redis
from tests.caching.conftest import redis as redis
from tests.limits.conftest import RedisServer

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


@pytest.fixture
async def home() -> AsyncIterator[House]:
    made = house()
    yield made
    await made.flights.close()


STREAM = [chunk("hi "), chunk("<PERSON_1>"), chunk("", "stop"), {"id": "chatcmpl-1", "choices": [], "usage": USAGE}]


@pytest.mark.parametrize("stream", [False, True])
async def test_the_same_question_costs_once(home: House, stream: bool) -> None:
    if stream:
        home.backend.events = STREAM
    first = await home.ask(stream=stream, call_id="call-1")
    home.clock.now += 30
    second = await home.ask(stream=stream, call_id="call-2", principal="other")
    assert (first.state, second.state, home.backend.calls) == ("miss", "hit", 1)
    assert first.events == home.backend.events
    assert first.reply.headers["x-backend"] == "gpu"
    assert second.reply.streaming is stream
    assert second.reply.headers["age"] == "30"
    assert [{**event, "id": 0, "created": 0} for event in second.events] == [
        {**event, "id": 0, "created": 0} for event in home.backend.events
    ]
    assert len({event["id"] for event in second.events} | {"chatcmpl-1"}) == 2


async def test_the_record_says_whose_answer_it_was_and_counts_no_tokens(home: House) -> None:
    first, second = await home.ask(call_id="call-1"), await home.ask(call_id="call-2")
    assert (first.last.cache, first.last.cached_from) == (CacheState.MISS, None)
    assert (second.last.cache, second.last.cached_from) == (CacheState.HIT, "call-1")
    assert (first.book.commits, second.book.commits) == (1, 0)
    new_id = second.events[0]["id"]
    assert second.book.told == Usage(finish_reasons=("stop",), response_id=new_id, response_model="m")


async def test_a_plain_answer_is_no_stream(home: House) -> None:
    await home.ask()
    home.backend.events = STREAM
    assert (await home.ask(stream=True)).state == "miss"


async def test_where_policy_has_no_cache_nothing_is_said_of_it(home: House) -> None:
    for _ in range(2):
        told = await home.ask(cache=CacheMode.NONE)
        assert (told.state, told.book.last) == (None, None)
    assert home.backend.calls == 2


async def test_callers_share_as_policy_says(home: House) -> None:
    mine: dict[str, Any] = {"cache": CacheMode.PRINCIPAL}
    assert (await home.ask(principal="a", **mine)).state == "miss"
    assert (await home.ask(principal="b", **mine)).state == "miss"
    assert (await home.ask(principal="c")).state == "miss"
    assert (await home.ask(principal="a", **mine)).state == "hit"
    assert (await home.ask(tenant="u")).state == "miss"


@pytest.mark.parametrize(
    "asked",
    [
        {"body": {**ASKED, "temperature": 1}},
        {"control": "no-store"},
        {"body": {**ASKED, "store": True}},
    ],
)
async def test_what_goes_past_the_cache(home: House, asked: dict[str, Any]) -> None:
    for _ in range(2):
        told = await home.ask(**asked)
        assert (told.state, told.last.cache) == ("bypass", CacheState.BYPASS)
    assert home.backend.calls == 2


async def test_policy_may_keep_answers_that_could_have_been_others(home: House) -> None:
    asked: dict[str, Any] = {"body": {**ASKED, "temperature": 1}, "caching": CacheTerms(always=True)}
    assert [(await home.ask(**asked)).state for _ in range(2)] == ["miss", "hit"]


async def test_an_answer_has_its_time_and_each_caller_has_its_own(home: House) -> None:
    await home.ask(caching=CacheTerms(ttl_s=60))
    home.clock.now += 31
    assert (await home.ask(caching=CacheTerms(ttl_s=30))).state == "stale"
    home.clock.now += 29
    assert (await home.ask(caching=CacheTerms(ttl_s=30))).state == "hit"


@pytest.mark.parametrize(("control", "state"), [("max-age=10", "hit"), ("max-age=9", "stale"), ("no-cache", "stale")])
async def test_a_client_may_ask_for_a_fresher_answer(home: House, control: str, state: str) -> None:
    await home.ask()
    home.clock.now += 10
    assert (await home.ask(control=control)).state == state
    assert (await home.ask()).reply.headers["age"] == ("10" if state == "hit" else "0")


async def test_only_if_cached(home: House) -> None:
    with pytest.raises(NotCached):
        await home.ask(control="only-if-cached")
    with pytest.raises(NotCached):
        await home.ask(control="only-if-cached", body={**ASKED, "temperature": 1})
    assert home.backend.calls == 0
    await home.ask()
    assert (await home.ask(control="only-if-cached")).state == "hit"


@pytest.mark.parametrize(
    ("events", "status"),
    [([plain("x", "length")], 200), ([plain("x" * 2_000)], 200), ([{"error": {"message": "no"}}], 400), ([], 200)],
)
async def test_what_is_not_kept(home: House, events: list[JsonObject], status: int) -> None:
    home.backend.events, home.backend.status = events, status
    for _ in range(2):
        told = await home.ask(caching=CacheTerms(max_bytes=1_000))
        assert (told.state, told.events, told.reply.status) == ("miss", events, status)
    assert home.backend.calls == 2


async def test_a_stream_that_breaks_off_is_not_kept(home: House) -> None:
    home.backend.events, home.backend.breaks = STREAM, UpstreamTruncated("cut")
    for _ in range(2):
        with pytest.raises(UpstreamTruncated, match="cut"):
            await home.ask(stream=True)
    home.backend.breaks = None
    assert (await home.ask(stream=True)).state == "miss"


async def test_a_tenant_that_was_erased_has_no_cache(home: House) -> None:
    class Erased:
        async def of(self, tenant: str) -> Any:
            raise KeyDestroyed("This tenant was erased.")

    kept = Answers(MemoryStore(1_000), Erased())
    home.stage = Cache(kept, Flights(kept))
    assert (await home.ask()).state == "bypass"


async def test_what_lies_in_the_store_opens_in_its_own_place_only(home: House) -> None:
    store = MemoryStore(2**20)
    home = house(store)
    await home.ask()
    await home.ask(body={**ASKED, "seed": 1})
    one, other = store._shelves["t"].entries.values()
    for key in store._shelves["t"].entries:
        store._shelves["t"].entries[key] = other if store._shelves["t"].entries[key] is one else one
    assert b"PERSON" not in one.sealed + other.sealed
    assert (await home.ask()).state == "miss"


async def test_clearing_reaches_what_is_on_its_way(home: House) -> None:
    home.backend.gate.clear()
    asking = asyncio.create_task(home.ask())
    await asyncio.sleep(0.01)
    await home.answers.clear("t")
    home.backend.gate.set()
    assert (await asking).state == "miss"
    assert (await home.ask()).state == "miss"
    assert (await home.ask()).state == "hit"
    assert await home.answers.clear("t", "m") == 1


async def test_whoever_is_erased_nothing_of_the_tenant_is_kept(home: House) -> None:
    for tenant in ("t", "u"):
        await home.ask(tenant=tenant)
    assert await home.answers.erase("t", {b"tag"}) == 1
    assert await home.answers.erase("t", {b"tag"}) == 0
    assert [(await home.ask(tenant=tenant)).state for tenant in ("t", "u")] == ["miss", "hit"]


# Single flight.


async def started(*asking: asyncio.Task[Told]) -> None:
    await asyncio.sleep(0.02)
    assert not any(task.done() for task in asking)


def tasks(home: House, count: int, **more: Any) -> list[asyncio.Task[Told]]:
    return [asyncio.create_task(home.ask(call_id=f"call-{at}", **more)) for at in range(count)]


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


# Across processes.


@pytest.fixture
async def two(redis: RedisServer) -> AsyncIterator[Callable[..., tuple[House, House]]]:
    made: list[House] = []

    def build(**more: Any) -> tuple[House, House]:
        made.extend(house(on_redis(redis, lease_s=0.4), **more) for _ in range(2))
        made[1].backend = made[0].backend
        return made[0], made[1]

    yield build
    for one in made:
        await one.flights.close()
        await one.answers.close()


async def test_equal_questions_in_two_processes_are_one_call(two: Callable[..., tuple[House, House]]) -> None:
    one, other = two()
    one.backend.gate.clear()
    asking = [*tasks(one, 2), *tasks(other, 2)]
    await started(*asking)
    one.backend.gate.set()
    told = await asyncio.gather(*asking)
    assert sorted(str(each.state) for each in told) == ["hit", "hit", "hit", "miss"]
    assert one.backend.calls == 1


async def test_a_process_that_fails_lets_the_other_try(two: Callable[..., tuple[House, House]]) -> None:
    one, other = two()
    one.backend.refuses = [UpstreamUnreachable("down")]
    one.backend.gate.clear()
    asking = tasks(one, 1)
    await started(*asking)
    asking += tasks(other, 1)
    await started(*asking)
    one.backend.gate.set()
    first, second = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(first, UpstreamUnreachable)
    assert isinstance(second, Told)
    assert second.state == "miss"


async def test_another_process_is_waited_for_only_so_long(two: Callable[..., tuple[House, House]]) -> None:
    one, other = two(patience_s=0.1)
    one.backend.gate.clear()
    first = tasks(one, 1)
    await started(*first)
    second = tasks(other, 1)
    async with asyncio.timeout(10):
        while one.backend.calls < 2:
            await asyncio.sleep(0.01)
    one.backend.gate.set()
    assert [told.state for told in await asyncio.gather(*first, *second)] == ["miss", "miss"]


async def test_who_waits_for_another_process_may_hang_up(two: Callable[..., tuple[House, House]]) -> None:
    one, other = two()
    one.backend.gate.clear()
    first = tasks(one, 1)
    await started(*first)
    second = tasks(other, 1)
    await started(*second)
    second[0].cancel()
    await asyncio.wait(second)
    one.backend.gate.set()
    assert (await first[0]).state == "miss"
    assert (await other.ask()).state == "hit"
