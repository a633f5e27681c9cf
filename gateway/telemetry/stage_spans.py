"""Spans of stages, cheaply: an exchange has ten of them, which live for microseconds and of which only two times are kept.

The SDK's own span takes three locks, a sampler and four collections to begin, for what a stage never does: events, links, late
attributes. A stage's span here is two moments and its identity, and becomes the SDK's finished span when it ends. It is taken
exactly where the exchange's span is recorded: every sampler of OTEL_TRACES_SAMPLER decides so for a child of the same trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import time_ns

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace import Tracer as RecordingTracer
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, Tracer, get_current_span, set_span_in_context

from gateway.telemetry.attributes import ERROR_TYPE

_UNSET = Status(StatusCode.UNSET)
_FAULT = Status(StatusCode.ERROR)


@dataclass(frozen=True, slots=True)
class StageSpans:
    """Makes the spans of one stage."""

    tracer: RecordingTracer
    scope: InstrumentationScope
    name: str

    @classmethod
    def of(cls, tracer: Tracer, name: str) -> StageSpans | None:
        """None for a tracer that records nothing."""
        if not isinstance(tracer, RecordingTracer):
            return None
        ours = tracer.instrumentation_info
        return cls(tracer, InstrumentationScope(ours.name, ours.version), name)

    def begin(self) -> StageSpan | None:
        """A child of the current span; None where that is not sampled."""
        parent = get_current_span().get_span_context()
        if not parent.is_valid or not parent.trace_flags.sampled:
            return None
        own = SpanContext(
            parent.trace_id, self.tracer.id_generator.generate_span_id(), False, parent.trace_flags, parent.trace_state
        )
        return StageSpan(self, parent, own)


class StageSpan:
    """One span, from now until `end`."""

    __slots__ = ("_error", "_fault", "_own", "_parent", "_spans", "_started")

    def __init__(self, spans: StageSpans, parent: SpanContext, own: SpanContext) -> None:
        self._spans = spans
        self._parent = parent
        self._own = own
        self._error: str | None = None
        self._fault = False
        self._started = time_ns()

    @property
    def context(self) -> Context:
        """In which this span is the current one, so that spans further in are its children."""
        return set_span_in_context(NonRecordingSpan(self._own))

    def failed(self, kind: str, *, fault: bool) -> None:
        self._error, self._fault = kind, fault

    def end(self) -> None:
        tracer = self._spans.tracer
        tracer.span_processor.on_end(
            ReadableSpan(
                self._spans.name,
                self._own,
                self._parent,
                resource=tracer.resource,
                attributes={} if self._error is None else {ERROR_TYPE: self._error},
                status=_FAULT if self._fault else _UNSET,
                start_time=self._started,
                end_time=time_ns(),
                instrumentation_scope=self._spans.scope,
            )
        )
