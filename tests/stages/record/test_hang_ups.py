"""Whenever a client hangs up, its exchange ends on the record."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from opentelemetry.trace import NoOpTracer

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.keeper import Keeper
from gateway.audit.log import Entry, Phase
from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import PolicyDenied
from gateway.exchange import Exchange, Reply
from gateway.exchange.content import Content
from gateway.stages.record import Record
from tests.stages.record.house import (
    DENY,
    EVENTS,
    Body,
    House,
    answering,
    events,
    eventually,
    exchange,
    inwards,
    refusing,
)
from tests.stages.record.test_outages import Failing, outcomes


async def hang_up_before_the_reply(house: House) -> None:
    waits = asyncio.Event()

    async def stuck(exchange: Exchange) -> Reply:
        await inwards(exchange).journal.commit()
        await for_ever(waits)
        raise AssertionError

    await cancelled(house.record(exchange(), stuck), when=waits)


async def hang_up_without_reading(house: House) -> None:
    reply = await house.record(exchange(), answering(events))
    await reply.body.aclose()


async def hang_up_between_events(house: House) -> None:
    reply = await house.record(exchange(), answering(events))
    await anext(reply.body)
    await reply.body.aclose()


async def hang_up_while_waiting_for_an_event(house: House) -> None:
    waits = asyncio.Event()

    async def stuck() -> Body:
        yield {"n": 0}
        await for_ever(waits)

    await cancelled(house.events(answering(stuck)), when=waits)


async def hang_up_while_waiting_for_a_plain_answer(house: House) -> None:
    waits = asyncio.Event()

    async def stuck() -> Body:
        await for_ever(waits)
        yield {"n": 0}

    await cancelled(house.events(answering(stuck, streaming=False)), when=waits)


async def forget_the_reply(house: House) -> None:
    reply = await house.record(exchange(), answering(events))
    del reply
    gc.collect()
    await asyncio.sleep(0.05)


async def for_ever(waits: asyncio.Event) -> None:
    """Says that it waits, and does."""
    waits.set()
    await asyncio.Event().wait()


async def cancelled(answer: Awaitable[Any], *, when: asyncio.Event) -> None:
    task = asyncio.ensure_future(answer)
    await when.wait()
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
    waits = asyncio.Event()

    async def stuck(exchange: Exchange) -> Reply:
        await for_ever(waits)
        raise AssertionError

    await cancelled(house.record(exchange(), stuck), when=waits)
    assert (await house.only_record()).outcome is Outcome.ABORTED
    assert await house.phases() == ["completed"]


class Slow(Failing):
    """It takes a while until the disk turns out to fail."""

    def __init__(self) -> None:
        super().__init__(*Phase)
        self.asked = asyncio.Event()

    async def append(self, entry: Entry) -> None:
        self.asked.set()
        await asyncio.sleep(0.01)
        await super().append(entry)


async def test_a_refusal_that_cannot_be_entered_is_owed_though_the_client_has_left() -> None:
    log = Slow()
    await cancelled(Record(log, NoOpTracer())(exchange(), refusing(PolicyDenied("no"), decision=DENY)), when=log.asked)
    await eventually(lambda: bool(log.owed))
    assert outcomes(log.owed) == [(Outcome.FAILED, "audit_unavailable")]


async def test_who_hangs_up_while_the_log_is_in_trouble_leaves_little_behind(house: House) -> None:
    """What is owed waits in memory, and a request may be large."""
    log = Slow()
    log.healthy = False
    record = Record(log, NoOpTracer(), keeper=Keeper(TenantKeys(house.keyring.tenant)))

    async def proceed(exchange: Exchange) -> Reply:
        sent = inwards(exchange)
        await sent.journal.keep(Content(request={"text": "x" * 100_000}))
        await sent.journal.commit()
        raise AssertionError

    await cancelled(record(exchange(), proceed), when=log.asked)
    (owed,) = log.owed
    assert owed.beside == ()
    assert (ExchangeRecord.from_json(owed.body).content_missing or "").startswith("The request is not kept")


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
