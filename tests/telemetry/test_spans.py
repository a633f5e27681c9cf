"""Real exported spans: one for the exchange, one for each stage, linked, named, and without a raw byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.trace import NoOpTracer

from gateway.audit.journal import NoJournal
from gateway.audit.log import Entry
from gateway.errors import EntityBlocked, GatewayError, InternalFault, UpstreamTimeout, UpstreamTruncated
from gateway.exchange import Decision, Exchange, FindingCount, Principal, Reply
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.pipeline import Proceed, Stage, compose
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject, Surface
from gateway.stages.record import Record
from gateway.telemetry.spans import traced
from gateway.telemetry.tracing import configure_tracing
from tests.telemetry.receiving import attributes, receiving

SECRET = "alice@example.com"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
RULES = EntityRules(OperatorKind.PLACEHOLDER)
ALLOW = Decision(
    allow=True,
    rule="tenants.acme",
    reason="allowed",
    policy_version="v1",
    obligations=Obligations(request=RULES, reply=RULES, restore=True, record_content=True),
)
FOUND = FindingCount(entity="EMAIL_ADDRESS", operator=OperatorKind.PLACEHOLDER, recognizer="email", count=1, max_score=1.0)

Body = AsyncGenerator[JsonObject, None]


class Ledger:
    """Takes every entry."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    @property
    def healthy(self) -> bool:
        return True

    async def append(self, entry: Entry) -> None:
        self.entries.append(entry)

    def append_soon(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def close(self) -> None:
        """Nothing waits."""


class Upstream:
    """The innermost stage: answers with the bodies of a script, or fails before."""

    def __init__(self, body: Callable[[], Body] | None = None, error: BaseException | None = None) -> None:
        self._body = body
        self._error = error

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if self._error is not None or self._body is None:
            raise self._error or LookupError(SECRET)
        await exchange.journal.commit()
        exchange.journal.settle(Usage(input_tokens=3, output_tokens=2, finish_reasons=("stop",), response_id="r-1"))
        return Reply(status=200, streaming=True, body=self._body())


async def authorize(exchange: Exchange, proceed: Proceed) -> Reply:
    known = exchange.learn(principal=Principal(tenant="acme", id="bob"), request={"text": SECRET}, model="smollm2")
    return await proceed(known.learn(decision=ALLOW, stream=True))


async def redact(exchange: Exchange, proceed: Proceed) -> Reply:
    return await proceed(exchange.learn(redacted={"text": "<EMAIL_1>"}, findings=(FOUND,), deployment="local"))


async def whole() -> Body:
    yield {"text": SECRET}
    yield {"text": "end"}


async def broken() -> Body:
    yield {"text": SECRET}
    raise UpstreamTruncated("The stream ended before it was finished.")


async def intake() -> bytes:
    return SECRET.encode()


Exported = Callable[..., Awaitable[dict[str, Span]]]


@pytest.fixture
async def exported() -> AsyncIterator[Exported]:
    """Runs one exchange through traced stages and returns the spans that came of it, by name."""
    async with receiving() as received:

        async def run(upstream: Stage, *, traceparent: str | None = None, events: int = 9) -> dict[str, Span]:
            tracing = configure_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint})
            stages: dict[str, Stage] = {"authorize": authorize, "redact": redact, "route": upstream}
            inner = [traced(stage, tracing.tracer, name) for name, stage in stages.items()]
            await one(compose([Record(Ledger(), tracing.tracer), *inner]), traceparent, events)
            await asyncio.to_thread(tracing.shutdown)
            await received.until(lambda: len(received.spans) == len(stages) + 1)
            assert SECRET.encode() not in received.raw
            assert b"<EMAIL_1>" not in received.raw
            assert all(not span.events for span in received.spans)
            return {span.name: span for span in received.spans}

        yield run


async def one(proceed: Proceed, traceparent: str | None, events: int) -> None:
    exchange = Exchange(
        call_id="c-1",
        surface=Surface.CHAT,
        journal=NoJournal(),
        intake=intake,
        credential=SECRET,
        traceparent=traceparent,
    )
    try:
        reply = await proceed(exchange)
        async for _ in reply.body:
            events -= 1
            if events == 0:
                break
        await reply.body.aclose()
    except (GatewayError, asyncio.CancelledError):
        return


async def test_an_exchange_and_its_stages(exported: Exported) -> None:
    spans = await exported(Upstream(whole), traceparent=f"00-{TRACE}-{PARENT}-01")
    assert set(spans) == {"POST /v1/chat/completions", "gateway.authorize", "gateway.redact", "gateway.route"}
    root, authorized, redacted, routed = (
        spans[name] for name in ("POST /v1/chat/completions", "gateway.authorize", "gateway.redact", "gateway.route")
    )
    assert {span.trace_id.hex() for span in spans.values()} == {TRACE}
    assert root.parent_span_id.hex() == PARENT
    assert authorized.parent_span_id == root.span_id
    assert redacted.parent_span_id == authorized.span_id
    assert routed.parent_span_id == redacted.span_id
    assert (root.kind, routed.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_INTERNAL)
    assert {span.status.code for span in spans.values()} == {Status.STATUS_CODE_UNSET}
    assert attributes(root) == {
        "http.request.method": "POST",
        "http.route": "/v1/chat/completions",
        "http.response.status_code": 200,
        "gateway.model": "smollm2",
        "gateway.stream": True,
        "gateway.call_id": "c-1",
        "gateway.tenant": "acme",
        "gateway.principal": "bob",
        "gateway.outcome": "completed",
        "gateway.deployment": "local",
        "gateway.policy.allow": True,
        "gateway.policy.rule": "tenants.acme",
        "gateway.policy.version": "v1",
        "gateway.findings.count": 1,
        "gateway.findings.entities": ["EMAIL_ADDRESS"],
        "gateway.cost": 0,
    }
    assert attributes(routed) == {}


async def test_the_exchange_ends_when_its_stream_does(exported: Exported) -> None:
    spans = await exported(Upstream(whole))
    assert spans["POST /v1/chat/completions"].end_time_unix_nano > spans["gateway.authorize"].end_time_unix_nano
    assert spans["POST /v1/chat/completions"].parent_span_id == b""


@pytest.mark.parametrize("traceparent", ["garbage", f"00-{'0' * 32}-{PARENT}-01", SECRET])
async def test_a_traceparent_that_is_none_is_ignored(exported: Exported, traceparent: str) -> None:
    root = (await exported(Upstream(whole), traceparent=traceparent))["POST /v1/chat/completions"]
    assert root.parent_span_id == b""


@pytest.mark.parametrize(
    ("upstream", "kind", "status"),
    [
        (Upstream(error=UpstreamTimeout("late")), "upstream_timeout", Status.STATUS_CODE_ERROR),
        (Upstream(error=EntityBlocked("no")), "entity_blocked", Status.STATUS_CODE_UNSET),
        (Upstream(error=asyncio.CancelledError()), "CancelledError", Status.STATUS_CODE_UNSET),
        (Upstream(error=ValueError(SECRET)), "ValueError", Status.STATUS_CODE_ERROR),
    ],
)
async def test_an_error_is_named_but_not_quoted(exported: Exported, upstream: Stage, kind: str, status: int) -> None:
    spans = await exported(upstream)
    for name in ("gateway.route", "gateway.authorize"):
        assert attributes(spans[name]) == {"error.type": kind}
        assert spans[name].status.code == status
        assert spans[name].status.message == ""


async def test_the_exchange_says_how_it_ended(exported: Exported) -> None:
    root = (await exported(Upstream(error=ValueError(SECRET))))["POST /v1/chat/completions"]
    assert root.status.code == Status.STATUS_CODE_ERROR
    assert attributes(root)["error.type"] == InternalFault.code
    assert attributes(root)["gateway.outcome"] == "failed"


async def test_a_stream_that_breaks(exported: Exported) -> None:
    root = (await exported(Upstream(broken)))["POST /v1/chat/completions"]
    assert root.status.code == Status.STATUS_CODE_ERROR
    assert attributes(root)["error.type"] == "upstream_truncated"
    assert attributes(root)["gateway.outcome"] == "truncated"


async def test_a_client_that_hangs_up(exported: Exported) -> None:
    root = (await exported(Upstream(whole), events=1))["POST /v1/chat/completions"]
    assert root.status.code == Status.STATUS_CODE_UNSET
    assert "error.type" not in attributes(root)
    assert attributes(root)["gateway.outcome"] == "aborted"


async def test_a_stage_is_the_same_stage_when_nothing_records() -> None:
    async def proceed(exchange: Exchange) -> Reply:
        return Reply(status=200, streaming=True, body=whole())

    async def passing(exchange: Exchange, proceed: Proceed) -> Reply:
        return await proceed(exchange)

    exchange = Exchange(call_id="c-1", surface=Surface.CHAT, journal=NoJournal(), intake=intake)
    reply = await traced(passing, NoOpTracer(), "passing")(exchange, proceed)
    assert [event async for event in reply.body] == [{"text": SECRET}, {"text": "end"}]
