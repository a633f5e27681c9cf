"""The call to a backend has a client span, whose context the backend gets; without tracing it gets the caller's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler
from opentelemetry.trace import NoOpTracer, SpanKind, StatusCode, Tracer, use_span

from gateway.audit.journal import NoJournal
from gateway.errors import RateLimited, UpstreamTimeout, UpstreamTruncated
from gateway.exchange import Body, Exchange, Reply
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject, Surface
from gateway.telemetry.trace_context import context_of
from gateway.telemetry.upstream_span import send_in_span
from gateway.upstream.base import Place, UpstreamCall

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CALLER = f"00-{TRACE}-{PARENT}-01"
PLACE = Place("gpu-1", 8000)
CALL = UpstreamCall(surface=Surface.CHAT, body={"messages": "alice@example.com"}, stream=True)


class Journal(NoJournal):
    """Knows what the backend said of its answer, as the record's does by the answer's end."""

    @property
    def usage(self) -> Usage:
        return Usage(
            input_tokens=3, output_tokens=2, finish_reasons=("stop", "he said no"), response_id="r 1", response_model="small-v2"
        )


async def intake() -> bytes:
    return b""


EXCHANGE = Exchange(
    call_id="req_1", surface=Surface.CHAT, journal=Journal(), intake=intake, model="small", stream=True, deployment="local"
)


class Traced:
    """A tracer and what it recorded."""

    def __init__(self, sampler: Sampler = ALWAYS_ON) -> None:
        provider, self._spans = TracerProvider(sampler=sampler, shutdown_on_exit=False), InMemorySpanExporter()
        provider.add_span_processor(SimpleSpanProcessor(self._spans))
        self.tracer = provider.get_tracer("test")

    @property
    def span(self) -> ReadableSpan:
        (span,) = self._spans.get_finished_spans()
        return span

    @property
    def ended(self) -> int:
        return len(self._spans.get_finished_spans())


class Backend:
    """Answers with this body, and keeps what it was sent."""

    def __init__(self, body: Callable[[], Body], status: int = 200) -> None:
        self.sent: list[UpstreamCall] = []
        self._body = body
        self._status = status

    async def send(self, call: UpstreamCall) -> Reply:
        self.sent.append(call)
        return Reply(status=self._status, streaming=call.stream, body=self._body())


async def whole() -> Body:
    yield {"text": "alice@example.com"}
    yield {"text": "end"}


async def broken() -> Body:
    yield {"text": "alice@example.com"}
    raise UpstreamTruncated("the stream ended")


async def send(tracer: Tracer, backend: Backend) -> Reply:
    return await send_in_span(tracer, EXCHANGE, PLACE, CALL, backend.send)


async def read(reply: Reply) -> list[JsonObject]:
    return [event async for event in reply.body]


async def test_a_whole_answer() -> None:
    traced, backend = Traced(), Backend(whole)
    with use_span(traced.tracer.start_span("outer", context=context_of(CALLER, "congo=1"))):
        reply = await send(traced.tracer, backend)
        assert traced.ended == 0
        assert await read(reply) == [{"text": "alice@example.com"}, {"text": "end"}]
        span = traced.span
    assert (span.name, span.kind, span.status.status_code) == ("chat small", SpanKind.CLIENT, StatusCode.UNSET)
    said = dict(span.attributes or {})
    assert isinstance(said["gen_ai.response.time_to_first_chunk"], float)
    assert said.pop("gen_ai.response.time_to_first_chunk")
    assert said == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "small",
        "gen_ai.request.stream": True,
        "gen_ai.response.model": "small-v2",
        "gen_ai.response.finish_reasons": ("stop", "other"),
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 2,
        "server.address": "gpu-1",
        "server.port": 8000,
        "http.response.status_code": 200,
        "gateway.call_id": "req_1",
        "gateway.deployment": "local",
    }
    (call,) = backend.sent
    assert call.traceparent == f"00-{TRACE}-{span.context.span_id:016x}-01"
    assert call.tracestate == "congo=1"
    assert (call.surface, call.body, call.stream) == (CALL.surface, CALL.body, CALL.stream)


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (UpstreamTimeout("late"), "upstream_timeout", StatusCode.ERROR),
        (RateLimited("busy"), RateLimited.code, StatusCode.UNSET),
        (asyncio.CancelledError(), "CancelledError", StatusCode.UNSET),
        (ValueError("alice@example.com"), "ValueError", StatusCode.ERROR),
    ],
)
async def test_no_answer(error: BaseException, kind: str, status: StatusCode) -> None:
    async def failing(call: UpstreamCall) -> Reply:
        raise error

    traced = Traced()
    with pytest.raises(type(error)):
        await send_in_span(traced.tracer, EXCHANGE, PLACE, CALL, failing)
    assert (traced.span.attributes or {})["error.type"] == kind
    assert (traced.span.status.status_code, traced.span.status.description, traced.span.events) == (status, None, ())


async def test_an_answer_that_breaks() -> None:
    traced = Traced()
    reply = await send(traced.tracer, Backend(broken))
    with pytest.raises(UpstreamTruncated):
        await read(reply)
    await reply.body.aclose()
    assert (traced.span.attributes or {})["error.type"] == "upstream_truncated"
    assert traced.span.status.status_code is StatusCode.ERROR


async def test_a_refusal_of_the_backend_is_an_error_of_the_call() -> None:
    traced = Traced()
    await read(await send(traced.tracer, Backend(whole, status=429)))
    assert (traced.span.attributes or {})["error.type"] == "429"
    assert traced.span.status.status_code is StatusCode.ERROR


@pytest.mark.parametrize("events", [0, 1])
async def test_an_answer_that_nobody_reads_to_its_end(events: int) -> None:
    """Also one that was never begun: a generator would not notice."""
    traced = Traced()
    reply = await send(traced.tracer, Backend(whole))
    for _ in range(events):
        await anext(reply.body)
    await reply.body.aclose()
    await reply.body.aclose()
    assert traced.span.status.status_code is StatusCode.UNSET
    assert ("gen_ai.response.time_to_first_chunk" in (traced.span.attributes or {})) is bool(events)


async def test_without_tracing_the_callers_context_goes_on_unchanged() -> None:
    backend = Backend(whole)
    with use_span(NoOpTracer().start_span("outer", context=context_of(CALLER, "congo=1"))):
        assert len(await read(await send(NoOpTracer(), backend))) == 2
    assert (backend.sent[0].traceparent, backend.sent[0].tracestate) == (CALLER, "congo=1")


async def test_without_tracing_and_a_caller_none_is_invented() -> None:
    backend = Backend(whole)
    await read(await send(NoOpTracer(), backend))
    assert (backend.sent[0].traceparent, backend.sent[0].tracestate) == (None, None)


async def test_a_trace_that_is_not_sampled_goes_on_as_such() -> None:
    traced, backend = Traced(ALWAYS_OFF), Backend(whole)
    with use_span(traced.tracer.start_span("outer", context=context_of(CALLER, None))):
        await read(await send(traced.tracer, backend))
    parent = backend.sent[0].traceparent or ""
    assert (parent[:36], parent[-3:]) == (f"00-{TRACE}-", "-00")
    assert traced.ended == 0


async def test_an_answer_that_is_not_recorded_is_not_touched() -> None:
    body = whole()
    reply = await send(NoOpTracer(), Backend(lambda: body))
    assert reply.body is body
    assert await read(reply)
