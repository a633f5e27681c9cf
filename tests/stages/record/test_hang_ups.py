"""Whenever a client hangs up, its exchange ends on the record."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.audit.event import Outcome
from gateway.exchange import Exchange, Reply
from tests.stages.record.house import (
    EVENTS,
    Body,
    House,
    answering,
    events,
    exchange,
    inwards,
)


async def hang_up_before_the_reply(house: House) -> None:
    async def stuck(exchange: Exchange) -> Reply:
        await inwards(exchange).journal.commit()
        await asyncio.Event().wait()
        raise AssertionError

    await cancelled(house.record(exchange(), stuck))


async def hang_up_without_reading(house: House) -> None:
    reply = await house.record(exchange(), answering(events))
    await reply.body.aclose()


async def hang_up_between_events(house: House) -> None:
    reply = await house.record(exchange(), answering(events))
    await anext(reply.body)
    await reply.body.aclose()


async def hang_up_while_waiting_for_an_event(house: House) -> None:
    async def stuck() -> Body:
        yield {"n": 0}
        await asyncio.Event().wait()

    await cancelled(house.events(answering(stuck)))


async def hang_up_while_waiting_for_a_plain_answer(house: House) -> None:
    async def stuck() -> Body:
        await asyncio.Event().wait()
        yield {"n": 0}

    await cancelled(house.events(answering(stuck, streaming=False)))


async def forget_the_reply(house: House) -> None:
    reply = await house.record(exchange(), answering(events))
    del reply
    gc.collect()
    await asyncio.sleep(0.05)


async def cancelled(answer: Awaitable[Any]) -> None:
    task = asyncio.ensure_future(answer)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "hang_up",
    [
        hang_up_before_the_reply,
        hang_up_without_reading,
        hang_up_between_events,
        hang_up_while_waiting_for_an_event,
        hang_up_while_waiting_for_a_plain_answer,
        forget_the_reply,
    ],
)
async def test_a_hang_up_is_on_record(house: House, hang_up: Callable[[House], Awaitable[None]]) -> None:
    await hang_up(house)
    record = await house.only_record()
    assert (record.outcome, record.error_code) == (Outcome.ABORTED, None)
    assert await house.phases() == ["opened", "completed"]


async def test_a_hang_up_before_anything_was_opened(house: House) -> None:
    async def stuck(exchange: Exchange) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    await cancelled(house.record(exchange(), stuck))
    assert (await house.only_record()).outcome is Outcome.ABORTED
    assert await house.phases() == ["completed"]


async def test_a_hang_up_closes_what_is_inside(house: House) -> None:
    closed: list[str] = []

    async def upstream() -> Body:
        try:
            for event in EVENTS:
                yield event
        finally:
            closed.append("upstream")

    reply = await house.record(exchange(), answering(upstream))
    await anext(reply.body)
    await reply.body.aclose()
    assert closed == ["upstream"]
