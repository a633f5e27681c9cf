"""The spans of an exchange: one for the whole of it, one for each stage inside.

No span gets an exception: its text and its stack may hold what a client or a backend wrote. `error.type` says enough.
"""

from __future__ import annotations

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.errors import GatewayError
from gateway.exchange import Exchange, Reply
from gateway.pipeline import Proceed, Stage
from gateway.telemetry.attributes import CALL_ID, ERROR_TYPE, attributes_of, route_of
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

    async def stage_in_span(exchange: Exchange, proceed: Proceed) -> Reply:
        with tracer.start_as_current_span(f"gateway.{name}", record_exception=False, set_status_on_exception=False) as span:
            try:
                return await stage(exchange, proceed)
            except BaseException as error:
                mark_error(span, error)
                raise

    return stage_in_span


def mark_error(span: Span, error: BaseException) -> None:
    """Say how this span failed: by the error's code or type. A refusal and a hang-up are no errors of it, all else is."""
    if isinstance(error, GatewayError):
        kind, status = error.code, error.status
    else:
        kind, status = type(error).__name__, 500 if isinstance(error, Exception) else 499
    span.set_attribute(ERROR_TYPE, kind)
    if status >= 500:
        span.set_status(StatusCode.ERROR)
