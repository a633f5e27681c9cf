"""Every refusal is on the record, and nothing raw with it."""

from __future__ import annotations

import logging

import pytest

from gateway.audit.event import Outcome
from gateway.audit.reader import read_exchanges
from gateway.errors import (
    EntityBlocked,
    GatewayError,
    InternalFault,
    MalformedBody,
    PolicyDenied,
    Unauthenticated,
    UpstreamTimeout,
    UpstreamTruncated,
)
from gateway.exchange import Decision, Exchange, Reply
from gateway.protocol.wire import JsonObject
from tests.stages.record.house import (
    ALLOW,
    DENY,
    EVENTS,
    SECRET,
    House,
    answering,
    drain,
    events,
    exchange,
    inwards,
    refusing,
)
from tests.store.databases import sqlite_at


@pytest.mark.parametrize(
    ("error", "decision", "outcome"),
    [
        (Unauthenticated("who?"), None, Outcome.DENIED),
        (PolicyDenied("no"), DENY, Outcome.DENIED),
        (EntityBlocked("no"), ALLOW, Outcome.DENIED),
        (MalformedBody("no JSON"), None, Outcome.REJECTED),
        (UpstreamTimeout("late"), ALLOW, Outcome.FAILED),
    ],
)
async def test_a_refusal_is_on_record_before_it_goes_out(
    house: House, error: GatewayError, decision: Decision | None, outcome: Outcome
) -> None:
    with pytest.raises(type(error)) as raised:
        await house.events(refusing(error, decision=decision))
    assert raised.value is error
    (row,) = read_exchanges(sqlite_at(house.path), limit=10)
    assert (row.record.outcome, row.record.status) == (outcome, error.status)
    assert row.record.error_code == error.code
    assert (row.record.decision is None) is (decision is None)
    assert await house.phases() == ["completed"]


async def test_a_refusal_after_the_opening_completes_it(house: House) -> None:
    with pytest.raises(UpstreamTimeout):
        await house.events(refusing(UpstreamTimeout("late"), committed=True))
    assert (await house.only_record()).outcome is Outcome.FAILED
    assert await house.phases() == ["opened", "completed"]


def raise_from_deep_inside() -> None:
    raise ValueError(f"cannot parse {SECRET}")


async def test_a_bug_is_a_typed_error_and_its_text_goes_nowhere(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async def crashing(exchange: Exchange) -> Reply:
        inwards(exchange)
        raise_from_deep_inside()
        raise AssertionError

    with caplog.at_level(logging.DEBUG), pytest.raises(InternalFault) as raised:
        await house.events(crashing)
    assert SECRET not in str(raised.value)
    assert raised.value.__suppress_context__
    line = raise_from_deep_inside.__code__.co_firstlineno + 1
    assert f"internal fault: ValueError at {__file__}:{line}" in caplog.text
    assert SECRET not in caplog.text
    record = await house.only_record()
    assert (record.outcome, record.error_code, record.status) == (Outcome.FAILED, "internal_error", 500)


@pytest.mark.parametrize(
    ("count", "error", "outcome", "status"),
    [
        (2, UpstreamTruncated("cut"), Outcome.TRUNCATED, 200),
        (0, UpstreamTruncated("cut"), Outcome.FAILED, 502),
        (1, EntityBlocked("no"), Outcome.DENIED, 200),
    ],
)
async def test_an_error_inside_a_stream(house: House, count: int, error: GatewayError, outcome: Outcome, status: int) -> None:
    seen: list[JsonObject] = []
    reply = await house.record(exchange(), answering(lambda: events(after=error, count=count)))
    with pytest.raises(type(error)) as raised:
        await drain(reply.body, seen)
    assert raised.value is error
    assert seen == EVENTS[:count]
    record = await house.only_record()
    assert (record.outcome, record.error_code, record.status) == (outcome, error.code, status)


async def test_a_bug_inside_a_stream(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(InternalFault) as raised:
        await house.events(answering(lambda: events(after=KeyError(SECRET))))
    assert raised.value.__suppress_context__
    assert "internal fault: KeyError at" in caplog.text
    assert SECRET not in caplog.text
    record = await house.only_record()
    assert (record.outcome, record.error_code) == (Outcome.TRUNCATED, "internal_error")


async def test_an_error_inside_a_plain_answer(house: House) -> None:
    with pytest.raises(UpstreamTruncated):
        await house.events(answering(lambda: events(after=UpstreamTruncated("cut")), streaming=False))
    record = await house.only_record()
    assert (record.outcome, record.status) == (Outcome.FAILED, 502)
