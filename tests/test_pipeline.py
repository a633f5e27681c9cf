from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import FrozenInstanceError, replace

import pytest

from gateway.audit.journal import NoJournal
from gateway.exchange import Body, Exchange, Reply
from gateway.pipeline import Proceed, Stage, compose
from gateway.protocol.wire import JsonObject, Surface


async def no_body() -> bytes:
    return b""


def exchange() -> Exchange:
    return Exchange(call_id="c", surface=Surface.CHAT, journal=NoJournal(), intake=no_body, credential="secret-key")


async def one() -> Body:
    yield {"n": 1}


def noting(name: str, seen: list[str], *, answers: bool = False) -> Stage:
    async def stage(exchange: Exchange, proceed: Proceed) -> Reply:
        seen.append(f"{name} in")
        reply = Reply(status=200, streaming=False, body=one()) if answers else await proceed(exchange)
        seen.append(f"{name} out")
        return reply

    return stage


async def test_stages_lie_around_each_other() -> None:
    seen: list[str] = []
    await compose([noting("a", seen), noting("b", seen), noting("c", seen, answers=True)])(exchange())
    assert seen == ["a in", "b in", "c in", "c out", "b out", "a out"]


async def test_a_stage_that_answers_ends_the_way() -> None:
    seen: list[str] = []
    await compose([noting("a", seen, answers=True), noting("b", seen)])(exchange())
    assert seen == ["a in", "a out"]


async def test_the_innermost_stage_must_answer() -> None:
    with pytest.raises(LookupError):
        await compose([noting("a", [])])(exchange())


def test_what_an_exchange_shows_of_itself() -> None:
    shown = repr(exchange().learn(request={"messages": "raw"}, redacted={"messages": "r"}))
    assert "secret-key" not in shown
    assert "messages" not in shown
    with pytest.raises(LookupError):
        exchange().obligations  # noqa: B018 - reading it is the point


async def test_a_linked_body_closes_the_inner_one_even_if_nothing_was_read() -> None:
    class Watched(AsyncGenerator[JsonObject, None]):
        closed = False

        async def asend(self, value: None) -> JsonObject:
            raise StopAsyncIteration

        async def athrow(self, *error: object) -> JsonObject:
            raise StopAsyncIteration

        async def aclose(self) -> None:
            self.closed = True

    async def outer(inner: Body) -> Body:
        async for each in inner:
            yield each

    inner = Watched()
    reply = Reply(status=200, streaming=True, body=inner).through(outer).through(outer)
    await reply.body.aclose()
    assert inner.closed


async def test_a_linked_body_reads_through() -> None:
    async def doubled(inner: Body) -> Body:
        async for each in inner:
            yield {"n": each["n"] * 2}

    reply = Reply(status=200, streaming=True, body=one()).through(doubled).through(doubled)
    assert [each async for each in reply.body] == [{"n": 4}]


async def test_events_of_a_linked_body_come_from_the_outer_one_itself() -> None:
    async def passed(inner: Body) -> Body:
        async for each in inner:
            yield each

    outer = passed(one())
    linked = Reply(status=200, streaming=True, body=one()).through(lambda _: outer).body
    asked = linked.__anext__()
    assert asked.__class__.__name__ == "async_generator_asend"
    assert await asked == {"n": 1}
    await linked.aclose()


async def test_a_changed_exchange_is_another_and_knows_only_its_fields() -> None:
    first = exchange()
    second = first.but(model="m")
    assert (first.model, second.model, second) == (None, "m", replace(first, model="m"))
    with pytest.raises(TypeError):
        first.but(modell="m")
    with pytest.raises(FrozenInstanceError):
        second.model = "n"  # type: ignore[misc]
