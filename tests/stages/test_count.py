"""The record says how many tokens an answer took, and who says so."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.accounting.count import TokenCount
from gateway.errors import UpstreamTruncated
from gateway.exchange import Exchange, Reply
from gateway.protocol.facts import facts_of
from gateway.protocol.usage import Tally, Usage, UsageSource
from gateway.protocol.wire import JsonObject, Surface
from gateway.stages.count import Count
from tests.accounting.conftest import tokenizer_file as tokenizer_file
from tests.caching.conftest import Book, exchange

ASKED: JsonObject = {"model": "m", "messages": [{"role": "user", "content": "one two three"}]}
ESTIMATED, COUNTED, REPORTED = UsageSource.ESTIMATED, UsageSource.COUNTED, UsageSource.REPORTED


class _Book(Book):
    @property
    def usage(self) -> Usage:
        return self.told or Usage()


def asking(surface: Surface = Surface.CHAT, body: JsonObject = ASKED) -> Exchange:
    found = exchange(body, surface=surface, stream=True)
    return replace(found, journal=_Book(), facts=facts_of(body, surface))


class _Backend:
    """Says two pieces; tells what it is told to of tokens, and may break off."""

    def __init__(self, *, usage: JsonObject | None = None, status: int = 200, breaks: bool = False) -> None:
        self._usage = {} if usage is None else {"usage": usage}
        self._status = status
        self._breaks = breaks

    async def __call__(self, exchange: Exchange) -> Reply:
        routed = exchange.learn(deployment="gpu")
        return Reply(status=self._status, streaming=True, body=self._body(routed))

    async def _body(self, routed: Exchange) -> AsyncGenerator[JsonObject, None]:
        tally = Tally(routed.surface)
        try:
            for text in ("one ", "two"):
                delta = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}], **self._usage}
                tally.see(delta)
                yield delta
            if self._breaks:
                raise UpstreamTruncated("The stream ended.")
        finally:
            routed.journal.settle(tally.usage)


async def told(backend: _Backend, count: TokenCount, asked: Exchange) -> Usage:
    reply = await Count(count)(asked, backend)
    async with aclosing(reply.body) as events:
        said = [event["choices"][0]["delta"]["content"] async for event in events]
    assert said == ["one ", "two"]
    return asked.journal.usage


async def test_what_the_backend_reports_holds(tokenizer_file: Path) -> None:
    backend = _Backend(usage={"prompt_tokens": 70, "completion_tokens": 20})
    usage = await told(backend, TokenCount(lambda _: tokenizer_file), asking())
    assert (usage.input_tokens, usage.output_tokens, usage.source) == (70, 20, REPORTED)


async def test_a_silent_backend_is_counted_for(tokenizer_file: Path) -> None:
    usage = await told(_Backend(), TokenCount({"gpu": tokenizer_file}.get), asking())
    assert (usage.input_tokens, usage.output_tokens, usage.source) == (3 + 5 + 3, 2, COUNTED)


async def test_without_a_tokenizer_it_is_estimated_and_marked() -> None:
    usage = await told(_Backend(), TokenCount(lambda _: None), asking())
    assert (usage.output_tokens, usage.source) == (2, ESTIMATED)
    assert usage.input_tokens is not None
    assert usage.input_tokens >= 4


@pytest.mark.parametrize("surface", [Surface.EMBEDDINGS, Surface.MODERATIONS])
async def test_numbers_are_no_answer_to_count(tokenizer_file: Path, surface: Surface) -> None:
    asked = asking(surface, {"model": "m", "input": ["one two", "three"]})
    usage = await told(_Backend(), TokenCount(lambda _: tokenizer_file), asked)
    assert (usage.input_tokens, usage.output_tokens, usage.source) == (3, None, COUNTED)


async def test_what_came_before_it_broke_off_is_counted(tokenizer_file: Path) -> None:
    asked = asking()
    reply = await Count(TokenCount(lambda _: tokenizer_file))(asked, _Backend(breaks=True))
    with pytest.raises(UpstreamTruncated):
        _ = [event async for event in reply.body]
    assert (asked.journal.usage.output_tokens, asked.journal.usage.source) == (2, COUNTED)


async def test_a_client_that_hangs_up_has_had_its_part(tokenizer_file: Path) -> None:
    asked = asking()
    reply = await Count(TokenCount(lambda _: tokenizer_file))(asked, _Backend())
    await anext(reply.body)
    await reply.body.aclose()
    assert (asked.journal.usage.output_tokens, asked.journal.usage.source) == (1, COUNTED)


async def test_a_refusal_took_no_tokens() -> None:
    asked = asking()
    reply = await Count(TokenCount(lambda _: None))(asked, _Backend(status=400))
    _ = [event async for event in reply.body]
    assert asked.journal.usage.is_silent
