"""What is given from the cache, and what is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gateway.caching.answers import Answers
from gateway.caching.flights import Flights
from gateway.caching.memory import MemoryStore
from gateway.errors import KeyDestroyed, NotCached, UpstreamTruncated
from gateway.exchange import CacheState
from gateway.obligations import CacheMode, CacheTerms
from gateway.protocol.usage import Usage
from gateway.protocol.wire import ContentKind, JsonObject
from gateway.stages.cache import Cache
from tests.caching.conftest import ASKED, exchange
from tests.caching.conftest import cache_redis as cache_redis
from tests.caching.conftest import redis as redis
from tests.stages.cache.house import STREAM, House, house, plain


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


async def test_what_a_backend_fetches_goes_past_the_cache(home: House) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://camera.example/now.jpg"}}
    asked = exchange({**ASKED, "messages": [{"role": "user", "content": [image]}]})
    assert asked.decision is not None
    obligations = replace(asked.obligations, uninspected=frozenset({ContentKind.IMAGE}))
    asked = replace(asked, decision=replace(asked.decision, obligations=obligations))
    assert (await home.ask(asked)).state == "bypass"


async def test_policy_may_keep_answers_that_could_have_been_others(home: House) -> None:
    asked: dict[str, Any] = {"body": {**ASKED, "temperature": 1}, "caching": CacheTerms(always=True)}
    assert [(await home.ask(**asked)).state for _ in range(2)] == ["miss", "hit"]


async def test_an_answer_has_its_time_and_each_caller_has_its_own(home: House) -> None:
    await home.ask(caching=CacheTerms(ttl_s=60))
    home.clock.now += 31
    assert (await home.ask(caching=CacheTerms(ttl_s=30))).state == "stale"
    home.clock.now += 29
    assert (await home.ask(caching=CacheTerms(ttl_s=30))).state == "hit"


@pytest.mark.parametrize("by_s", [3_600, -3_600])
async def test_no_answer_is_given_whose_age_a_clock_hides(home: House, by_s: float) -> None:
    await home.ask()
    home.clock.now += by_s
    assert (await home.ask()).state == "stale"
    assert (await home.ask()).state == "hit"


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
