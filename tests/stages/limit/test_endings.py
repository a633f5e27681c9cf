"""Settled after, and given back where nothing was done, however an exchange ends."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import (
    AuditUnavailable,
    EntityBlocked,
    GatewayError,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamTruncated,
    UpstreamUnreachable,
)
from gateway.exchange import Body, Exchange, Reply
from gateway.limits.counting import CountingLimiter
from gateway.pipeline import Proceed
from gateway.protocol.usage import Usage, UsageSource
from gateway.stages.limit import Limit as LimitStage
from tests.stages.limit.book import (
    GIVEN_BACK,
    SETTLED,
    SILENT,
    TOLD,
    Book,
    answering,
    estimated,
    exchange,
    failing,
    read,
    used,
)


@pytest.mark.parametrize(
    ("proceed", "left"),
    [
        (failing(EntityBlocked("no"), commit=False), GIVEN_BACK),
        (failing(UpstreamUnreachable("no")), GIVEN_BACK),
        (failing(UpstreamError("the backend failed")), GIVEN_BACK),
        (failing(UpstreamTimeout("late")), None),
        (failing(UpstreamProtocolError("not JSON")), None),
        (failing(ValueError("a bug"), commit=False), GIVEN_BACK),
        (failing(asyncio.CancelledError(), commit=False), GIVEN_BACK),
        (failing(asyncio.CancelledError()), None),
    ],
)
async def test_no_reply(limiter: CountingLimiter, proceed: Proceed, left: list[int] | None) -> None:
    """`left` is None where the estimate stays."""
    expected = left or await estimated(limiter)
    with pytest.raises((GatewayError, ValueError, asyncio.CancelledError)):
        await LimitStage(limiter)(exchange(), proceed)
    assert await used(limiter) == expected


async def test_an_exchange_that_cannot_be_recorded_costs_nothing(limiter: CountingLimiter) -> None:
    book = Book()
    book.fails = True
    with pytest.raises(AuditUnavailable):
        await LimitStage(limiter)(exchange(book=book), answering())
    assert await used(limiter) == GIVEN_BACK


@pytest.mark.parametrize(
    ("proceed", "left"),
    [
        (answering(TOLD), SETTLED),
        (answering(SILENT), None),
        (answering(SILENT, status=429), GIVEN_BACK),
        (answering(TOLD, status=400), SETTLED),
        (answering(SILENT, commit=False), GIVEN_BACK),  # answered by a stage further in, without a backend
        (answering(SILENT, after=UpstreamTruncated("cut")), None),
        (answering(TOLD, after=UpstreamTruncated("cut")), SETTLED),
    ],
)
async def test_a_reply_that_ends(limiter: CountingLimiter, proceed: Proceed, left: list[int] | None) -> None:
    expected = left or await estimated(limiter)
    reply = await LimitStage(limiter)(exchange(), proceed)
    with suppress(UpstreamTruncated):
        assert len(await read(reply)) == 3
    assert await used(limiter) == expected


def long_answer(events: int) -> Proceed:
    async def body() -> Body:
        for at in range(events):
            yield {"n": at}

    async def proceed(exchange: Exchange) -> Reply:
        await exchange.journal.commit()
        return Reply(status=200, streaming=True, body=body())

    return proceed


async def test_a_stream_that_tells_no_usage_costs_what_came(limiter: CountingLimiter) -> None:
    """A client need not ask for usage, and may hang up before it is told."""
    _, tokens, spend, _ = await estimated(limiter)
    await read(await LimitStage(limiter)(exchange(), long_answer(1_000)))
    assert await used(limiter) == [1, tokens + 900, spend + 1_800, 0]
    hung_up = await LimitStage(limiter)(exchange(), long_answer(1_000))
    for _ in range(500):
        await anext(hung_up.body)
    await hung_up.body.aclose()
    assert (await used(limiter))[1] == 2 * tokens + 900 + 400


async def test_what_a_backend_told_too_early_is_not_all(limiter: CountingLimiter) -> None:
    """Some tell of a token or two at the beginning, and of the others when nobody listens any longer."""

    async def proceed(exchange: Exchange) -> Reply:
        exchange.journal.settle(Usage(input_tokens=30, output_tokens=1))
        return await long_answer(1_000)(exchange)

    hung_up = await LimitStage(limiter)(exchange(), proceed)
    for _ in range(500):
        await anext(hung_up.body)
    await hung_up.body.aclose()
    assert await used(limiter) == [1, 30 + 500, 30 + 2 * 500, 0]


async def test_an_answer_that_is_longer_than_was_thought_costs_what_it_comes_to(limiter: CountingLimiter) -> None:
    """Of a plain answer no events can be counted; its text can, if only roughly. A shorter one costs what it was allowed to."""
    _, tokens, spend, _ = await estimated(limiter)
    long = Usage(input_tokens=40, output_tokens=900, source=UsageSource.ESTIMATED)
    await read(await LimitStage(limiter)(exchange(), answering(long)))
    assert await used(limiter) == [1, tokens + 800, spend + 1_600, 0]
    await read(await LimitStage(limiter)(exchange(), answering(replace(long, output_tokens=5))))
    assert (await used(limiter))[1] == 2 * tokens + 800


async def unread(reply: Reply) -> None:
    await reply.body.aclose()


async def half_read(reply: Reply) -> None:
    await anext(reply.body)
    await reply.body.aclose()
    await reply.body.aclose()


async def cancelled(reply: Reply) -> None:
    async def reading() -> None:
        await anext(reply.body)
        await asyncio.Event().wait()

    task = asyncio.create_task(reading())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    await reply.body.aclose()


async def forgotten(reply: Reply) -> None:
    await anext(reply.body)


@pytest.mark.parametrize("hang_up", [unread, half_read, cancelled, forgotten])
async def test_a_client_that_hangs_up_holds_nothing(limiter: CountingLimiter, hang_up: Callable[[Reply], Any]) -> None:
    expected = await estimated(limiter)
    await hang_up(await LimitStage(limiter)(exchange(), answering()))
    gc.collect()
    async with asyncio.timeout(10):
        while await used(limiter) != expected:
            await asyncio.sleep(0.01)


async def test_a_client_that_hangs_up_while_an_event_is_awaited(limiter: CountingLimiter) -> None:
    async def stuck(exchange: Exchange) -> Body:
        yield {"n": 0}
        await asyncio.Event().wait()

    async def proceed(exchange: Exchange) -> Reply:
        return Reply(status=200, streaming=True, body=stuck(exchange))

    task = asyncio.create_task(read(await LimitStage(limiter)(exchange(), proceed)))
    await asyncio.sleep(0.01)
    assert (await used(limiter))[3] == 1
    task.cancel()
    await asyncio.wait({task})
    assert await used(limiter) == GIVEN_BACK
