"""The stage, for questions in other words: who gets whose answer, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gateway.caching.answers import Answers
from gateway.caching.flights import Flights
from gateway.caching.memory import MemoryStore
from gateway.caching.semantic.embedder import Vector
from gateway.caching.semantic.neighbours import MemoryNeighbours
from gateway.caching.semantic.rewordings import Rewordings
from gateway.obligations import CacheMode, CacheTerms
from gateway.protocol.wire import JsonObject, Surface
from gateway.stages.cache import MATCH_HEADER, Cache
from tests.caching.conftest import Keys, exchange
from tests.stages.cache.house import Backend, House, Told, plain
from tests.support.clock import Clock

SEMANTIC = CacheTerms(semantic=True)
ASKED, REWORDED, OTHER = "How do I write to <PERSON_1>?", "how can I write to <PERSON_1>", "How do I write to <PERSON_2>?"


class Angles:
    """Every text has the vector it is told, else the same."""

    elsewhere = False

    def __init__(self) -> None:
        self.told: dict[str, list[float]] = {}
        self.asked: list[str] = []
        self.away = False

    async def embed(self, text: str) -> Vector | None:
        self.asked.append(text)
        return None if self.away else np.asarray(self.told.get(text, [1.0, 0.0]), dtype=np.float32)

    async def close(self) -> None:
        pass


class Words:
    """A house that answers other words."""

    def __init__(self) -> None:
        self.angles, self.clock = Angles(), Clock()
        self.store = MemoryStore(2**20)
        self.index = MemoryNeighbours(lambda: self.store.fence, monotonic=self.clock)
        rewordings = Rewordings(Keys(), self.angles, self.index)
        self.answers = Answers(self.store, Keys(), clock=self.clock, cleared=rewordings.forget)
        flights = Flights(self.answers)
        cache = Cache(self.answers, flights, rewordings=rewordings)
        self.house = House(cache, self.answers, flights, self.clock, Backend())

    async def ask(
        self, text: str, *, caching: CacheTerms = SEMANTIC, before: Any = (), more: JsonObject | None = None, **who: Any
    ) -> Told:
        body = {"model": "m", "messages": [*before, {"role": "user", "content": text}], "temperature": 0, **(more or {})}
        return await self.house.ask(exchange(body, caching=caching, **who))


@pytest.fixture
def words() -> Words:
    return Words()


def seen(told: Told) -> tuple[str | None, str | None]:
    return told.state, told.reply.headers.get(MATCH_HEADER)


async def test_other_words_have_the_answer(words: Words) -> None:
    first = await words.ask(ASKED, call_id="call-1")
    second = await words.ask(REWORDED, principal="other", call_id="call-2")
    assert (seen(first), seen(second), words.house.backend.calls) == (("miss", None), ("hit", "semantic"), 1)
    assert second.last.cached_from == "call-1"
    assert second.events[0]["choices"] == first.events[0]["choices"]
    assert seen(await words.ask(ASKED)) == ("hit", None)


async def test_what_policy_sends_to_some_places_only_is_embedded_at_no_other(words: Words) -> None:
    """Of the backend that makes vectors nobody knows where it stands, nor of what kind it is."""
    asked = exchange({"model": "m", "messages": [{"role": "user", "content": ASKED}], "temperature": 0}, caching=SEMANTIC)
    assert asked.decision is not None
    routed = replace(asked.obligations, routing=replace(asked.obligations.routing, demanded=True))
    asked = replace(asked, decision=replace(asked.decision, obligations=routed))
    words.angles.elsewhere = True
    assert (await words.house.ask(asked)).state == "miss"
    assert words.angles.asked == []
    words.angles.elsewhere = False
    await words.answers.clear("t")
    await words.house.ask(asked)
    assert words.angles.asked == [ASKED]


async def test_policy_has_to_want_it(words: Words) -> None:
    await words.ask(ASKED)
    assert seen(await words.ask(REWORDED, caching=CacheTerms())) == ("miss", None)
    assert words.angles.asked == [ASKED]


@pytest.mark.parametrize(
    "changed",
    [
        {"tenant": "u"},
        {"cache": CacheMode.PRINCIPAL},
        {"more": {"tools": [{"type": "function", "function": {"name": "f"}}]}},
        {"more": {"top_p": 0.5}},
        {"more": {"unknown": 1}},
        {"before": [{"role": "system", "content": "be brief"}]},
        {"stream": True},
    ],
)
async def test_all_else_must_be_equal(words: Words, changed: dict[str, Any]) -> None:
    await words.ask(ASKED)
    assert (await words.ask(REWORDED, **changed)).state == "miss"
    assert seen(await words.ask(REWORDED)) == ("hit", "semantic")


async def test_earlier_turns_must_be_equal_to_the_letter(words: Words) -> None:
    history = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": "so"}]
    await words.ask("What does it cost?", before=history)
    assert (await words.ask("How much does it cost?", before=[{**history[0], "content": REWORDED}, history[1]])).state == "miss"
    assert seen(await words.ask("How much does it cost?", before=history)) == ("hit", "semantic")


async def test_gates_and_distance_both_count(words: Words) -> None:
    words.angles.told[REWORDED] = [0.0, 1.0]
    await words.ask(ASKED)
    assert (await words.ask(OTHER)).state == "miss"
    assert (await words.ask(REWORDED)).state == "miss"


async def test_nothing_is_embedded_where_nothing_passes_the_gates(words: Words) -> None:
    words.house.backend.events = [plain("cut", "length")]  # not kept
    await words.ask(ASKED)
    await words.ask(REWORDED)
    assert words.angles.asked == []


async def test_an_embedder_that_is_away_costs_hits_only(words: Words) -> None:
    words.angles.away = True
    assert [(await words.ask(text)).state for text in (ASKED, REWORDED, ASKED)] == ["miss", "miss", "hit"]


async def test_what_clients_say_holds(words: Words) -> None:
    await words.ask(ASKED)
    words.clock.now += 30
    assert (await words.ask(REWORDED, control="no-store")).state == "bypass"
    assert seen(await words.ask(REWORDED, control="only-if-cached")) == ("hit", "semantic")
    assert (await words.ask(REWORDED, control="max-age=10")).state == "miss"


async def test_clearing_reaches_the_vectors(words: Words) -> None:
    await words.ask(ASKED)
    await words.house.answers.erase("t", None)
    assert not any(words.index._tenants["t"].values())
    assert (await words.ask(REWORDED)).state == "miss"


async def test_an_answer_that_is_gone_takes_its_vector_along(words: Words) -> None:
    await words.ask(ASKED)
    await words.store.clear("t")
    assert (await words.ask(REWORDED)).state == "miss"
    assert sum(map(len, words.index._tenants["t"].values())) == 1  # that of the second question


async def test_old_answers_are_not_given(words: Words) -> None:
    await words.ask(ASKED)
    words.clock.now += 700
    assert (await words.ask(REWORDED)).state == "miss"


async def test_responses_too(words: Words) -> None:
    def asked(text: str) -> Any:
        body = {"model": "m", "input": text, "store": False, "temperature": 0}
        return exchange(body, caching=SEMANTIC, surface=Surface.RESPONSES)

    done = {
        "id": "resp_1",
        "status": "completed",
        "object": "response",
        "output": [],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    words.house.backend.events = [done]
    await words.house.ask(asked(ASKED))
    assert seen(await words.house.ask(asked(REWORDED))) == ("hit", "semantic")
