"""An answer goes through unchanged, and its exchange is on the record in time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.audit.event import Outcome
from gateway.audit.reader import read_exchanges
from gateway.errors import (
    InternalFault,
    PolicyDenied,
)
from gateway.exchange import Exchange, Reply
from gateway.pipeline import Proceed
from gateway.protocol.usage import Usage
from tests.stages.record.house import (
    DENY,
    EVENTS,
    FOUND,
    SECRET,
    Body,
    House,
    answering,
    events,
    eventually,
    exchange,
    inwards,
    plain,
    refusing,
)
from tests.store.databases import sqlite_at


async def test_a_stream_goes_through_unchanged_and_is_completed_at_its_end(house: House) -> None:
    assert await house.events(answering(events)) == EVENTS
    record = await house.only_record()
    assert (record.outcome, record.status, record.error_code) == (Outcome.COMPLETED, 200, None)
    assert (record.tenant, record.principal, record.key_id) == ("acme", "bob", "pg-1")
    assert (record.model, record.stream, record.deployment) == ("smollm2", True, "local")
    assert record.decision is not None
    assert (record.decision.allow, record.decision.rule, record.decision.policy_version) == (
        True,
        "tenants.acme.models",
        "v1",
    )
    assert record.findings == (FOUND,)
    assert record.usage == Usage(input_tokens=3, output_tokens=2, finish_reasons=("stop",))
    assert record.timings_ms.total is not None
    assert await house.phases() == ["opened", "completed"]


async def test_the_completion_follows_within_a_moment(house: House) -> None:
    await house.events(answering(events))
    await eventually(lambda: house.outcome() is Outcome.COMPLETED)


async def test_events_of_a_stream_are_not_held_back(house: House) -> None:
    gate = asyncio.Event()

    async def slow() -> Body:
        yield {"n": 0}
        await gate.wait()
        yield {"n": 1}

    reply = await house.record(exchange(), answering(slow))
    assert await anext(reply.body) == {"n": 0}
    (row,) = read_exchanges(sqlite_at(house.path), limit=10)
    assert row.record.outcome is Outcome.INCOMPLETE
    gate.set()
    assert [event async for event in reply.body] == [{"n": 1}]


async def test_a_plain_answer_is_complete_with_its_one_event(house: House) -> None:
    reply = await house.record(exchange(), answering(plain, streaming=False))
    assert await anext(reply.body) == {"n": 0}
    await reply.body.aclose()
    assert (await house.only_record()).outcome is Outcome.COMPLETED


async def test_a_plain_answer_is_held_until_all_inside_has_ended(house: House) -> None:
    ended: list[str] = []

    async def with_a_tail() -> Body:
        yield {"n": 0}
        ended.append("tail")

    reply = await house.record(exchange(), answering(with_a_tail, streaming=False))
    assert await anext(reply.body) == {"n": 0}
    assert ended == ["tail"]
    await reply.body.aclose()


async def test_an_answer_that_needed_no_upstream_is_opened_before_it_leaves(house: House) -> None:
    async def from_cache(exchange: Exchange) -> Reply:
        inwards(exchange)
        return Reply(status=200, streaming=True, body=events())

    reply = await house.record(exchange(), from_cache)
    (row,) = read_exchanges(sqlite_at(house.path), limit=10)
    assert row.record.outcome is Outcome.INCOMPLETE
    assert [event async for event in reply.body] == EVENTS
    assert (await house.only_record()).outcome is Outcome.COMPLETED


@pytest.mark.parametrize(("status", "outcome"), [(400, Outcome.REJECTED), (429, Outcome.REJECTED), (502, Outcome.FAILED)])
async def test_a_backends_own_error_goes_through_and_is_named(house: House, status: int, outcome: Outcome) -> None:
    assert await house.events(answering(plain, streaming=False, status=status)) == [{"n": 0}]
    record = await house.only_record()
    assert (record.outcome, record.status) == (outcome, status)


async def test_the_trace_of_the_caller_is_on_record(house: House) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    reply = await house.record(replace(exchange(), traceparent=f"00-{trace}-b7ad6b7169203331-01"), answering(events))
    await reply.body.aclose()
    assert (await house.only_record()).trace_id == trace


async def test_many_exchanges_at_once_leave_one_record_each(house: House) -> None:
    async def one(n: int) -> None:
        kinds: list[Proceed] = [
            answering(events),
            answering(plain, streaming=False),
            refusing(PolicyDenied("no"), decision=DENY),
            refusing(RuntimeError(SECRET)),
        ]
        try:
            reply = await house.record(exchange(f"c-{n}"), kinds[n % 4])
            async for _ in reply.body:
                if n % 8 == 0:
                    break
            await reply.body.aclose()
        except (PolicyDenied, InternalFault):
            assert n % 4 in (2, 3)

    await asyncio.gather(*(one(n) for n in range(80)))
    await house.log.close()
    rows = read_exchanges(sqlite_at(house.path), limit=1000)
    assert sorted(row.record.call_id for row in rows) == sorted(f"c-{n}" for n in range(80))
    counts = [sum(row.record.outcome is outcome for row in rows) for outcome in Outcome]
    assert dict(zip(Outcome, counts, strict=True)) == {
        Outcome.INCOMPLETE: 0,
        Outcome.COMPLETED: 30,
        Outcome.DENIED: 20,
        Outcome.REJECTED: 0,
        Outcome.FAILED: 20,
        Outcome.TRUNCATED: 0,
        Outcome.ABORTED: 10,
    }
