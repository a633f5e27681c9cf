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


class FinishedStage(ReadableSpan):
    """The SDK's finished span, which knows that it is a stage's. `own` and `above`: its identity, and that of its parent."""

    def __init__(
        self, spans: StageSpans, own: SpanContext, above: SpanContext, *, started: int, error: str | None, fault: bool
    ) -> None:
        self.own, self.above = own, above
        self._failed = error is not None
        super().__init__(
            spans.name,
            own,
            above,
            resource=spans.tracer.resource,
            attributes={} if error is None else {ERROR_TYPE: error},
            status=_FAULT if fault else _UNSET,
            start_time=started,
            end_time=time_ns(),
            instrumentation_scope=spans.scope,
        )

    @property
    def is_plain(self) -> bool:
        """Whether it says no more than when and where."""
        return not self._failed and not self.own.trace_state and not self.above.is_remote


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
        finished = FinishedStage(
            self._spans, self._own, self._parent, started=self._started, error=self._error, fault=self._fault
        )
        self._spans.tracer.span_processor.on_end(finished)
