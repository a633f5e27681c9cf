"""Counted before, told, and refused where there is nothing left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.errors import (
    ProtectionUnavailable,
    RateLimited,
)
from gateway.exchange import Exchange, Reply
from gateway.exchange.content import Content
from gateway.fhe.relay.pipe import Announced, Pipe
from gateway.limits.counting import CountingLimiter
from gateway.limits.fallback import FallbackLimiter
from gateway.limits.limiter import Costs, Permit, Standing
from gateway.limits.stores import in_memory
from gateway.obligations import Limit
from gateway.stages.limit import Limit as LimitStage
from tests.stages.limit.book import (
    SETTLED,
    TOLD,
    Book,
    answering,
    events,
    exchange,
    read,
    used,
)


async def test_counted_while_it_runs_and_settled_when_it_ends(limiter: CountingLimiter) -> None:
    reply = await LimitStage(limiter)(exchange(), answering(TOLD))
    requests, tokens, spend, held = await used(limiter)
    assert (requests, held) == (1, 1)
    assert 140 <= tokens <= 160
    assert spend == tokens + 100  # what comes out costs double
    assert await read(reply) == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert await used(limiter) == SETTLED


async def test_frames_cost_what_their_caller_announces(limiter: CountingLimiter) -> None:
    """There is no text to count: many at once must not all begin before the first of them is settled."""
    asked = replace(exchange(), intake=Pipe(Announced(prompt=5_000, answer=30)))
    reply = await LimitStage(limiter)(asked, answering())
    assert (await used(limiter))[1] == 5_030
    with pytest.raises(RateLimited):
        await LimitStage(limiter)(asked, answering())
    await reply.body.aclose()


async def test_the_reply_tells_what_is_left(limiter: CountingLimiter) -> None:
    reply = await LimitStage(limiter)(exchange(), answering())
    assert reply.headers["x-own"] == "kept"
    assert reply.headers["x-ratelimit-remaining-requests"] == "7"
    assert reply.headers["x-ratelimit-limit-tokens"] == "8192"
    await reply.body.aclose()


async def test_without_limits_nothing_is_in_the_way(limiter: CountingLimiter) -> None:
    asked = exchange(limits=())
    seen: list[Exchange] = []

    async def proceed(exchange: Exchange) -> Reply:
        seen.append(exchange)
        return Reply(status=200, streaming=False, body=events(exchange))

    reply = await LimitStage(limiter)(asked, proceed)
    assert seen == [asked]
    assert reply.headers == {}
    assert len(await read(reply)) == 3


async def test_it_needs_a_request(limiter: CountingLimiter) -> None:
    with pytest.raises(LookupError):
        await LimitStage(limiter)(replace(exchange(), facts=None), answering())


async def test_a_refusal_comes_before_anything_inside(limiter: CountingLimiter) -> None:
    held = [await LimitStage(limiter)(exchange(), answering()) for _ in range(2)]
    reached: list[str] = []

    async def proceed(exchange: Exchange) -> Reply:
        reached.append("inside")
        raise AssertionError

    with pytest.raises(RateLimited):
        await LimitStage(limiter)(exchange(), proceed)
    assert reached == []
    for reply in held:
        await reply.body.aclose()


async def test_the_journal_hears_what_is_said_further_in(limiter: CountingLimiter) -> None:
    book = Book()

    async def proceed(exchange: Exchange) -> Reply:
        journal = exchange.learn(model="m").journal
        await journal.keep(Content(reply="kept"))
        journal.belongs_to("conv_1")
        return Reply(status=200, streaming=True, body=events(exchange, TOLD))

    await read(await LimitStage(limiter)(exchange(book=book), proceed))
    assert [seen.model for seen in book.seen] == ["m"]
    assert (book.kept, book.conversation) == ([Content(reply="kept")], "conv_1")
    assert book.usage == TOLD


class Away:
    """A limiter whose store does not answer."""

    async def acquire(self, limits: Sequence[Limit], costs: Costs, *, locally: bool = False) -> Permit:
        raise ProtectionUnavailable("away")

    async def state(self, limits: Sequence[Limit]) -> list[Standing]:
        raise ProtectionUnavailable("away")

    async def reset(self, limit: Limit) -> None:
        raise ProtectionUnavailable("away")

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("locally", [False, True])
async def test_who_is_counted_by_one_process_alone_is_told_and_on_record(locally: bool) -> None:
    own, book = in_memory(), Book()
    stage = LimitStage(FallbackLimiter(Away(), own))
    asked = exchange(book=book)
    assert asked.decision is not None
    asked = replace(asked, decision=replace(asked.decision, obligations=replace(asked.obligations, limits_locally=locally)))

    async def proceed(inner: Exchange) -> Reply:
        return Reply(status=200, streaming=True, body=events(inner))

    if not locally:
        with pytest.raises(ProtectionUnavailable):
            await stage(asked, proceed)
        return
    reply = await stage(asked, proceed)
    assert reply.headers["x-gateway-limits"] == "counted-locally"
    assert book.seen[-1].counted_locally
    assert (await used(own))[3] == 1
    await reply.body.aclose()
    assert (await used(own))[3] == 0
