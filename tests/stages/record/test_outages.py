"""An audit log that cannot be written."""

from __future__ import annotations

import resource

import pytest
from opentelemetry.trace import NoOpTracer

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.log import Entry, Phase
from gateway.errors import (
    AuditUnavailable,
    PolicyDenied,
    UpstreamTimeout,
)
from gateway.exchange import Exchange, Reply
from gateway.exchange.content import Content
from gateway.stages.record import Record
from tests.stages.record.house import (
    DENY,
    EVENTS,
    House,
    events,
    eventually,
    exchange,
    inwards,
    refusing,
)


class Failing:
    """A log whose disk fails for entries of some phases; what it is asked to append soon, it keeps."""

    def __init__(self, *phases: Phase) -> None:
        self._phases = phases
        self.durable: list[Entry] = []
        self.owed: list[Entry] = []
        self.healthy = True

    async def append(self, entry: Entry) -> None:
        if entry.phase in self._phases:
            self.healthy = False
            raise AuditUnavailable("The audit log cannot be written.")
        self.durable.append(entry)

    def append_soon(self, entry: Entry) -> None:
        self.owed.append(entry)

    async def close(self) -> None:
        """Nothing is open."""


def outcomes(entries: list[Entry]) -> list[tuple[Outcome, str | None]]:
    records = [ExchangeRecord.from_json(entry.body) for entry in entries]
    return [(record.outcome, record.error_code) for record in records]


async def test_what_cannot_be_opened_never_reaches_the_upstream() -> None:
    log = Failing(*Phase)
    reached: list[str] = []

    async def proceed(exchange: Exchange) -> Reply:
        await inwards(exchange).journal.commit()
        reached.append("upstream")
        return Reply(status=200, streaming=True, body=events())

    with pytest.raises(AuditUnavailable):
        await Record(log, NoOpTracer())(exchange(), proceed)
    assert reached == []
    assert outcomes(log.owed) == [(Outcome.FAILED, "audit_unavailable")]


async def test_an_answer_that_cannot_be_opened_is_closed_and_refused() -> None:
    log = Failing(*Phase)
    body = events()
    await anext(body)

    async def from_cache(exchange: Exchange) -> Reply:
        return Reply(status=200, streaming=True, body=body)

    with pytest.raises(AuditUnavailable):
        await Record(log, NoOpTracer())(exchange(), from_cache)
    assert [event async for event in body] == []


async def test_a_denial_that_cannot_be_entered_becomes_an_outage() -> None:
    log = Failing(Phase.COMPLETED)
    with pytest.raises(AuditUnavailable):
        await Record(log, NoOpTracer())(exchange(), refusing(PolicyDenied("no"), decision=DENY))
    assert outcomes(log.owed) == [(Outcome.FAILED, "audit_unavailable")]
    assert log.durable == []


async def test_a_refusal_after_the_opening_needs_no_second_promise() -> None:
    log = Failing(Phase.COMPLETED)
    with pytest.raises(UpstreamTimeout):
        await Record(log, NoOpTracer())(exchange(), refusing(UpstreamTimeout("late"), committed=True))
    assert outcomes(log.durable + log.owed) == [(Outcome.INCOMPLETE, None), (Outcome.FAILED, "upstream_timeout")]


async def test_a_completion_that_the_disk_does_not_take_is_made_up_for(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async def large(exchange: Exchange) -> Reply:
        sent = inwards(exchange)
        await sent.journal.commit()
        await sent.journal.keep(Content(reply="x" * 200_000))
        return Reply(status=200, streaming=True, body=events())

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    reply = await house.record(exchange(), large)
    resource.setrlimit(resource.RLIMIT_FSIZE, (80_000, hard))
    try:
        assert [event async for event in reply.body] == EVENTS
        await eventually(lambda: not house.log.healthy)
        assert house.outcome() is Outcome.INCOMPLETE
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "the audit log cannot be written: SQLITE_IOERR_WRITE" in caplog.text
    assert "xxx" not in caplog.text
    await eventually(lambda: house.log.healthy)
    assert house.outcome() is Outcome.COMPLETED
