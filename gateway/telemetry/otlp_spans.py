"""Spans over OTLP. Those of stages, nine of an exchange's eleven, are written down without the SDK's encoder.

It makes a dozen objects for what such a span never has: a state, events, links, counts of what was dropped. Without them a span
takes a fifth of the time, in a thread that works beside the event loop.
"""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, SpanFlags
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from gateway.telemetry.stage_spans import FinishedStage

_INTERNAL = Span.SpanKind.SPAN_KIND_INTERNAL
_LOCAL_PARENT = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK


class SpanSender(OTLPSpanExporter):
    """The SDK's exporter with our encoder."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """As the SDK's does it, which logs why a batch could not be sent."""
        if self._shutdown:
            return SpanExportResult.FAILURE
        sent = self._client.export(encoded(spans).SerializeToString())
        return SpanExportResult.SUCCESS if sent.success else SpanExportResult.FAILURE


def encoded(spans: Sequence[ReadableSpan]) -> ExportTraceServiceRequest:
    """The request that sends these spans, of which there is at least one; all are of one tracer."""
    stages = [span for span in spans if isinstance(span, FinishedStage) and span.is_plain]
    others = [span for span in spans if not (isinstance(span, FinishedStage) and span.is_plain)]
    if not others:
        others = [stages.pop()]  # which brings along what is said of all: the resource and the scope
    request = encode_spans(others)
    request.resource_spans[0].scope_spans[0].spans.extend(map(_stage, stages))
    return request


def _stage(span: FinishedStage) -> Span:
    return Span(
        trace_id=span.own.trace_id.to_bytes(16, "big"),
        span_id=span.own.span_id.to_bytes(8, "big"),
        parent_span_id=span.above.span_id.to_bytes(8, "big"),
        name=span.name,
        kind=_INTERNAL,
        start_time_unix_nano=span.start_time or 0,
        end_time_unix_nano=span.end_time or 0,
        flags=_LOCAL_PARENT,
    )
