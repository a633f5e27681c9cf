"""What leaves for a collector is what the SDK's encoder would have sent."""

from __future__ import annotations

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState, use_span

from gateway.errors import UpstreamError
from gateway.telemetry.otlp_spans import encoded
from tests.telemetry.test_stage_spans import run, taken


def without_empty_status(request: ExportTraceServiceRequest) -> list[ExportTraceServiceRequest | object]:
    """Of each span what is said: a status that is there and unset says as much as one that is not there."""
    (resource,) = request.resource_spans
    (scope,) = resource.scope_spans
    for span in scope.spans:
        if not span.status.ByteSize():
            span.ClearField("status")
    return [resource.resource, scope.scope, sorted(scope.spans, key=lambda span: span.span_id)]


async def finished() -> tuple[ReadableSpan, ...]:
    """Two exchanges' spans; a stage of the second one failed."""
    tracer, exporter = taken()
    await run(tracer, None)
    with pytest.raises(UpstreamError):
        await run(tracer, UpstreamError("x"))
    return exporter.get_finished_spans()


async def test_they_are_the_same_spans() -> None:
    spans = await finished()
    assert len(spans) == 4
    assert without_empty_status(encoded(spans)) == without_empty_status(encode_spans(spans))


async def test_a_batch_of_stages_alone_says_whose_they_are() -> None:
    spans = [span for span in await finished() if span.name == "gateway.work"]
    assert without_empty_status(encoded(spans)) == without_empty_status(encode_spans(spans))


async def test_stages_of_a_trace_with_a_state_keep_it() -> None:
    tracer, exporter = taken()
    caller = SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1), trace_state=TraceState([("shop", "7")]))
    with use_span(NonRecordingSpan(caller)):
        await run(tracer, None)
    request = encoded(exporter.get_finished_spans())
    assert {span.trace_state for span in request.resource_spans[0].scope_spans[0].spans} == {"shop=7"}
    assert without_empty_status(request) == without_empty_status(encode_spans(exporter.get_finished_spans()))
