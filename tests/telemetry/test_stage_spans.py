"""A stage's span is the one that the SDK would have made."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler
from opentelemetry.trace import NoOpTracer, Tracer

from gateway.audit.journal import NoJournal
from gateway.errors import PolicyDenied, UpstreamError
from gateway.exchange import Exchange, Reply
from gateway.protocol.wire import JsonObject, Surface
from gateway.telemetry.spans import mark_error, traced


def taken(sampler: Sampler | None = None) -> tuple[Tracer, InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=sampler, resource=Resource({"service.name": "x"}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("gateway"), exporter


def facts(span: ReadableSpan, parent: ReadableSpan) -> dict[str, Any]:
    """Everything of a span but its times and its own number."""
    assert span.context is not None
    assert parent.context is not None
    assert span.parent is not None
    told: dict[str, Any] = {
        "name": span.name,
        "kind": span.kind,
        "attributes": dict(span.attributes or {}),
        "status": (span.status.status_code, span.status.description),
        "events": list(span.events),
        "links": list(span.links),
        "dropped": (span.dropped_attributes, span.dropped_events, span.dropped_links),
        "scope": span.instrumentation_scope,
        "resource": span.resource,
    }
    told["trace"] = (span.context.trace_id == parent.context.trace_id, span.context.trace_flags, span.context.trace_state)
    return told | {"parent": span.parent == parent.context}


async def intake() -> bytes:
    return b""


async def beyond(_: Exchange) -> Reply:
    raise LookupError("these stages answer by themselves")


async def run(tracer: Tracer, error: BaseException | None) -> None:
    """A stage inside a span, as the record has it around all stages."""

    async def stage(exchange: Exchange, proceed: Any) -> Reply:
        if error is not None:
            raise error
        return Reply(status=200, streaming=False, body=nothing())

    async def nothing() -> Any:
        for each in list[JsonObject]():
            yield each

    exchange = Exchange(call_id="c", surface=Surface.CHAT, journal=NoJournal(), intake=intake)
    with tracer.start_as_current_span("whole", record_exception=False, set_status_on_exception=False):
        await traced(stage, tracer, "work")(exchange, beyond)


@pytest.mark.parametrize("error", [None, UpstreamError("x"), PolicyDenied("x"), KeyError("x"), KeyboardInterrupt()])
async def test_it_is_what_the_sdk_makes(error: BaseException | None) -> None:
    tracer, exporter = taken()
    if error is None:
        await run(tracer, error)
    else:
        with pytest.raises(type(error)):
            await run(tracer, error)
    ours, whole = exporter.get_finished_spans()
    exporter.clear()
    with tracer.start_as_current_span("whole"), tracer.start_as_current_span("gateway.work") as span:
        if error is not None:
            mark_error(span, error)
    theirs, around = exporter.get_finished_spans()
    assert facts(ours, whole) == facts(theirs, around)
    assert (whole.start_time or 0) <= (ours.start_time or 0) <= (ours.end_time or 0) <= (whole.end_time or 0)


async def test_spans_further_in_are_its_children() -> None:
    tracer, exporter = taken()

    async def calling(exchange: Exchange, proceed: Any) -> Reply:
        with tracer.start_as_current_span("call"):
            raise PolicyDenied("no")

    exchange = Exchange(call_id="c", surface=Surface.CHAT, journal=NoJournal(), intake=intake)
    with tracer.start_as_current_span("whole"), pytest.raises(PolicyDenied):
        await traced(calling, tracer, "route")(exchange, beyond)
    call, stage, _ = exporter.get_finished_spans()
    assert call.parent is not None
    assert stage.context is not None
    assert call.parent.span_id == stage.context.span_id


async def test_nothing_is_taken_of_a_trace_that_is_not_sampled() -> None:
    tracer, exporter = taken(ParentBased(ALWAYS_OFF))
    await run(tracer, None)
    assert exporter.get_finished_spans() == ()


async def test_a_tracer_that_records_nothing_leaves_the_stage_as_it_is() -> None:
    async def stage(exchange: Exchange, proceed: Any) -> Reply:
        raise LookupError

    assert traced(stage, NoOpTracer(), "work") is stage
