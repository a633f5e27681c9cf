"""The spans of an exchange: one for the whole of it, one for each stage inside.

No span gets an exception: its text and its stack may hold what a client or a backend wrote. `error.type` says enough.
"""

from __future__ import annotations

from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.errors import GatewayError
from gateway.exchange import Exchange, Reply
from gateway.pipeline import Proceed, Stage
from gateway.telemetry.attributes import CALL_ID, ERROR_TYPE, attributes_of, route_of
from gateway.telemetry.stage_spans import StageSpans
from gateway.telemetry.trace_context import context_of

_OUR_FAULT = frozenset({Outcome.FAILED, Outcome.TRUNCATED})


def begin_exchange_span(tracer: Tracer, exchange: Exchange) -> Span:
    """The span of a whole exchange, not yet current. The caller's `traceparent`, if there is one, is its parent.

    Of a `NoOpTracer` it is a span that records nothing and has the caller's context: what is sent on is what came in.
    """
    return tracer.start_span(
        f"POST {route_of(exchange.surface)}",
        context=context_of(exchange.traceparent, exchange.tracestate),
        kind=SpanKind.SERVER,
        attributes={CALL_ID: exchange.call_id},
    )


def end_exchange_span(span: Span, record: ExchangeRecord) -> None:
    """End the span as the exchange ended."""
    if span.is_recording():
        span.set_attributes(attributes_of(record))
        if record.outcome in _OUR_FAULT:
            span.set_status(StatusCode.ERROR)
    span.end()


def traced(stage: Stage, tracer: Tracer, name: str) -> Stage:
    """The stage inside a span `gateway.<name>`, from its call until it has its reply (not until the reply's end)."""
    spans = StageSpans.of(tracer, f"gateway.{name}")
    if spans is None:
        return stage

    async def stage_in_span(exchange: Exchange, proceed: Proceed) -> Reply:
        span = spans.begin()
        if span is None:
            return await stage(exchange, proceed)
        token = attach(span.context)
        try:
            return await stage(exchange, proceed)
        except BaseException as error:
            kind, fault = _told(error)
            span.failed(kind, fault=fault)
            raise
        finally:
            detach(token)
            span.end()

    return stage_in_span


def mark_error(span: Span, error: BaseException) -> None:
    """Say how this span failed: by the error's code or type. A refusal and a hang-up are no errors of it, all else is."""
    kind, fault = _told(error)
    span.set_attribute(ERROR_TYPE, kind)
    if fault:
        span.set_status(StatusCode.ERROR)


def _told(error: BaseException) -> tuple[str, bool]:
    """What is said of an error, and whether it is one of ours or a backend's."""
    if isinstance(error, GatewayError):
        return error.code, error.status >= 500
    return type(error).__name__, isinstance(error, Exception)
