"""Every exchange leaves exactly one record, whatever happens to it, and nothing raw with it."""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.trace import NoOpTracer
from sqlalchemy import select

from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.journal import NoJournal
from gateway.audit.keeper import Keeper
from gateway.audit.kept import read_content
from gateway.audit.log import Entry, Phase
from gateway.audit.reader import read_exchanges
from gateway.audit.tenant_keys import TenantKeys
from gateway.content import Content
from gateway.errors import (
    AuditUnavailable,
    EntityBlocked,
    GatewayError,
    InternalFault,
    MalformedBody,
    PolicyDenied,
    Unauthenticated,
    UpstreamTimeout,
    UpstreamTruncated,
)
from gateway.exchange import Decision, Exchange, FindingCount, Principal, Reply
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.pipeline import Proceed
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject, Surface
from gateway.stages.record import Record
from gateway.store.tables.content import KEPT
from tests.audit.keyrings import keyring_beside
from tests.store.databases import sqlite_at

SECRET = "alice@example.com"
RULES = EntityRules(OperatorKind.PLACEHOLDER)
ALLOW = Decision(
    allow=True,
    rule="tenants.acme.models",
    reason="allowed",
    policy_version="v1",
    obligations=Obligations(request=RULES, reply=RULES, restore=True, record_content=True),
)
DENY = Decision(allow=False, rule="default", reason="nothing allows it", policy_version="v1")
FOUND = FindingCount(entity="EMAIL_ADDRESS", operator=OperatorKind.PLACEHOLDER, recognizer="email", count=2, max_score=1.0)
EVENTS: list[JsonObject] = [{"n": 0}, {"n": 1}, {"n": 2}]

Body = AsyncGenerator[JsonObject, None]


async def intake() -> bytes:
    return SECRET.encode()


def exchange(call_id: str = "c-1") -> Exchange:
    return Exchange(call_id=call_id, surface=Surface.CHAT, journal=NoJournal(), intake=intake, credential=SECRET)


def inwards(exchange: Exchange) -> Exchange:
    """What the stages inside learn on the way to the upstream."""
    caller = Principal(tenant="acme", id="bob", key_id="pg-1")
    known = exchange.learn(principal=caller, request={"text": SECRET}, model="smollm2", stream=True)
    return known.learn(decision=ALLOW).learn(redacted={"text": "<EMAIL_1>"}, findings=(FOUND,), deployment="local")


async def events(*, after: Exception | None = None, count: int = 3) -> Body:
    for event in EVENTS[:count]:
        yield event
    if after is not None:
        raise after


async def plain() -> Body:
    yield {"n": 0}


def answering(body: Callable[[], Body], *, streaming: bool = True, status: int = 200) -> Proceed:
    async def proceed(exchange: Exchange) -> Reply:
        sent = inwards(exchange)
        await sent.journal.commit()
        sent.journal.settle(Usage(input_tokens=3, output_tokens=2, finish_reasons=("stop",)))
        return Reply(status=status, streaming=streaming, body=body())

    return proceed


def refusing(error: BaseException, *, committed: bool = False, decision: Decision | None = None) -> Proceed:
    async def proceed(exchange: Exchange) -> Reply:
        if decision is not None:
            exchange = exchange.learn(principal=Principal(tenant="acme", id="bob"), decision=decision)
        if committed:
            await inwards(exchange).journal.commit()
        raise error

    return proceed


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def drain(body: Body, seen: list[JsonObject]) -> None:
    async for event in body:
        seen.append(event)


class House:
    """The stage on a real log, and what the log says in the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = DatabaseAuditLog(sqlite_at(path), retry_s=0.05)
        self.keyring = keyring_beside(path)
        self.record = Record(self.log, NoOpTracer(), keeper=Keeper(TenantKeys(self.keyring.tenant)))

    async def events(self, proceed: Proceed) -> list[JsonObject]:
        reply = await self.record(exchange(), proceed)
        async with aclosing(reply.body) as body:
            return [event async for event in body]

    def outcome(self) -> Outcome:
        """Of the only exchange, as an auditor sees it now."""
        (row,) = read_exchanges(sqlite_at(self.path), limit=10)
        return row.record.outcome

    def digests(self) -> dict[str, str]:
        """Of what is kept, by part."""
        with sqlite_at(self.path).reading() as connection:
            rows = connection.execute(select(KEPT.c.part, KEPT.c.nr, KEPT.c.sealed)).all()
        return {f"{part}/{number}": sha256(sealed).hexdigest() for part, number, sealed in rows}

    def content(self) -> Content:
        with sqlite_at(self.path).reading() as connection:
            return read_content(connection, self.keyring, "c-1")

    async def only_record(self) -> ExchangeRecord:
        await self.log.close()
        (row,) = read_exchanges(sqlite_at(self.path), limit=10)
        assert SECRET not in row.record.to_json()
        return row.record

    async def phases(self) -> list[str]:
        await self.log.close()
        with closing(sqlite3.connect(self.path)) as connection:
            return [phase for (phase,) in connection.execute("SELECT phase FROM entries ORDER BY seq")]


class Owing:
    """A log that can write nothing."""

    healthy = False

    def __init__(self) -> None:
        self.owed: list[Entry] = []

    async def append(self, entry: Entry) -> None:
        raise AuditUnavailable("The audit log cannot be written.")

    def append_soon(self, entry: Entry) -> None:
        self.owed.append(entry)

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    built = House(tmp_path / "audit.db")
    yield built
    await built.log.close()


# Answers


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


def keeping(after: Content | None = None, *, error: GatewayError | None = None) -> Proceed:
    async def proceed(exchange: Exchange) -> Reply:
        sent = inwards(exchange)
        await sent.journal.keep(Content(request=sent.redacted))
        if error is not None:
            raise error
        await sent.journal.commit()
        if after is not None:
            await sent.journal.keep(after)
        return Reply(status=200, streaming=True, body=events())

    return proceed


async def test_what_is_kept_lies_sealed_beside_the_record_which_has_its_digests(house: House) -> None:
    await house.events(keeping(Content(reply="<EMAIL_1> 你好")))
    record = await house.only_record()
    assert record.content == house.digests()
    assert set(record.content) == {"request/0", "reply/0"}
    assert house.content() == Content(request={"text": "<EMAIL_1>"}, reply="<EMAIL_1> 你好")


async def test_what_was_sealed_before_a_refusal_goes_with_the_refusal(house: House) -> None:
    with pytest.raises(UpstreamTimeout):
        await house.events(keeping(error=UpstreamTimeout("late")))
    assert (await house.only_record()).content == house.digests()
    assert house.content().request == {"text": "<EMAIL_1>"}


async def test_what_the_log_owes_holds_no_content(house: House) -> None:
    log = Owing()
    stage = Record(log, NoOpTracer(), keeper=Keeper(TenantKeys(house.keyring.tenant)))
    for error in (None, UpstreamTimeout("late")):
        with pytest.raises(AuditUnavailable):
            await stage(exchange(), keeping(error=error))
    assert [(entry.beside, "content_missing" in entry.body) for entry in log.owed] == [((), True)] * 2
    for entry in log.owed:
        record = ExchangeRecord.from_json(entry.body)
        assert record.content is None
        assert record.content_missing == "The request is not kept: it was refused, because the record could not be written."


async def test_the_record_says_where_content_is_missing(house: House) -> None:
    await house.events(keeping(Content(missing="The reply is not kept (detection_unavailable).")))
    record = await house.only_record()
    assert record.content is not None
    assert set(record.content) == {"request/0"}
    assert record.content_missing == "The reply is not kept (detection_unavailable)."


async def test_the_trace_of_the_caller_is_on_record(house: House) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    reply = await house.record(replace(exchange(), traceparent=f"00-{trace}-b7ad6b7169203331-01"), answering(events))
    await reply.body.aclose()
    assert (await house.only_record()).trace_id == trace


# Refusals


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


# Streams that break


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


# Clients that hang up


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


# An audit log that cannot be written


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


async def test_the_decision_is_told_beside_the_answer(house: House) -> None:
    async def proceed(exchange: Exchange) -> Reply:
        return replace(await answering(events)(exchange), headers={"x-ratelimit-limit-requests": "9"})

    reply = await house.record(exchange(), proceed)
    await reply.body.aclose()
    assert reply.headers == {
        "x-ratelimit-limit-requests": "9",
        "x-gateway-decision": "allow",
        "x-gateway-rule": "tenants.acme.models",
        "x-gateway-obligations": "request *=placeholder; reply restored; reply *=placeholder; record redacted; route nowhere",
        "x-gateway-policy": "v1",
    }
    await house.log.close()


@pytest.mark.parametrize("error", [PolicyDenied("no"), UpstreamTimeout("no"), ValueError(SECRET)])
async def test_the_decision_is_told_beside_a_refusal(house: House, error: Exception) -> None:
    with pytest.raises(GatewayError) as caught:
        await house.record(exchange(), refusing(error, decision=DENY))
    assert caught.value.headers == {"x-gateway-decision": "deny", "x-gateway-rule": "default", "x-gateway-policy": "v1"}
    await house.log.close()


async def test_the_decision_is_told_where_an_answer_breaks_before_it_begins(house: House) -> None:
    reply = await house.record(exchange(), answering(lambda: events(after=UpstreamTruncated("no"), count=0), streaming=False))
    with pytest.raises(UpstreamTruncated) as caught:
        _ = [event async for event in reply.body]
    assert caught.value.headers["x-gateway-rule"] == "tenants.acme.models"
    await house.log.close()


async def test_before_a_decision_there_is_nothing_to_tell(house: House) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await house.record(exchange(), refusing(Unauthenticated("no")))
    assert caught.value.headers == {}
    await house.log.close()


async def test_the_last_decision_is_the_one_that_is_told(house: House) -> None:
    async def proceed(exchange: Exchange) -> Reply:
        allowed = exchange.learn(principal=Principal(tenant="acme", id="bob"), decision=ALLOW)
        allowed.learn(decision=DENY)
        raise PolicyDenied("no")

    with pytest.raises(PolicyDenied) as caught:
        await house.record(exchange(), proceed)
    assert caught.value.headers["x-gateway-decision"] == "deny"
    record = await house.only_record()
    assert record.decision is not None
    assert (record.decision.allow, record.outcome) == (False, Outcome.DENIED)
