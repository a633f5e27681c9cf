"""The span of a call to a backend, from before its first byte to the end of its answer, and what the backend is told of it.

It is the GenAI conventions' client span, a child of the stage that calls. Its context is what goes out, so that a backend
which traces too continues here. Where nothing is recorded the caller's own context goes out: the gateway then is what the
specification calls a pass-through.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from gateway.exchange import Body, Exchange, Reply
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject
from gateway.telemetry.attributes import (
    CALL_ID,
    DEPLOYMENT,
    ERROR_TYPE,
    HTTP_STATUS,
    REQUEST_MODEL,
    REQUEST_STREAM,
    RESPONSE_FINISH_REASONS,
    RESPONSE_ID,
    RESPONSE_MODEL,
    RESPONSE_TIME_TO_FIRST_CHUNK,
    SERVER_ADDRESS,
    SERVER_PORT,
    USAGE_INPUT_TOKENS,
    USAGE_OUTPUT_TOKENS,
    known,
    operation_of,
)
from gateway.telemetry.spans import mark_error
from gateway.telemetry.trace_context import headers_of
from gateway.upstream.base import Place, UpstreamCall

Send = Callable[[UpstreamCall], Awaitable[Reply]]


async def send_in_span(tracer: Tracer, exchange: Exchange, place: Place, call: UpstreamCall, send: Send) -> Reply:
    """Send the call in a span of its own, which ends with the reply's body. Raises what `send` does."""
    called_at = perf_counter()
    span = _begin(tracer, exchange, place)
    headers = headers_of(span)
    try:
        reply = await send(replace(call, traceparent=headers.traceparent, tracestate=headers.tracestate))
    except BaseException as error:
        mark_error(span, error)
        span.end()
        raise
    if not span.is_recording():
        return reply
    span.set_attribute(HTTP_STATUS, reply.status)
    return replace(reply, body=_Watched(reply.body, _Ending(span, exchange, called_at, reply.status)))


def _begin(tracer: Tracer, exchange: Exchange, place: Place) -> Span:
    operation = exchange.surface.operation
    said = {
        REQUEST_MODEL: exchange.model,
        REQUEST_STREAM: exchange.stream,
        SERVER_ADDRESS: place.address,
        SERVER_PORT: place.port,
        DEPLOYMENT: exchange.deployment,
        CALL_ID: exchange.call_id,
    }
    name = operation if exchange.model is None else f"{operation} {exchange.model}"
    return tracer.start_span(name, kind=SpanKind.CLIENT, attributes=operation_of(exchange.surface) | known(said))


class _Ending:
    """Ends a span, once. What the backend said of its answer is what the journal has by then."""

    def __init__(self, span: Span, exchange: Exchange, called_at: float, status: int) -> None:
        self._span = span
        self._exchange = exchange
        self._called_at = called_at
        self._status = status
        self._first: float | None = None

    def __call__(self, error: BaseException | None = None) -> None:
        if not self._span.is_recording():
            return
        self._span.set_attributes(known(_usage(self._exchange.journal.usage)))
        if error is not None:
            mark_error(self._span, error)
        elif self._status >= 400:
            self._span.set_attribute(ERROR_TYPE, str(self._status))
            self._span.set_status(StatusCode.ERROR)
        self._span.end()

    def begun(self) -> None:
        """The first piece of a stream is here."""
        if self._exchange.stream and self._first is None and self._span.is_recording():
            self._first = perf_counter() - self._called_at
            self._span.set_attribute(RESPONSE_TIME_TO_FIRST_CHUNK, self._first)


class _Watched(AsyncGenerator[JsonObject, None]):
    """A body that says when it has ended, failed, or been closed before; also before it began, unlike a generator."""

    def __init__(self, body: Body, ended: _Ending) -> None:
        self._body = body
        self._ended = ended

    async def __anext__(self) -> JsonObject:
        try:
            piece = await anext(self._body)
        except StopAsyncIteration:
            self._ended()
            raise
        except BaseException as error:
            self._ended(error)
            raise
        self._ended.begun()
        return piece

    async def asend(self, value: None) -> JsonObject:  # noqa: ARG002 - whoever reads a reply has nothing to say to it
        return await anext(self)

    async def athrow(self, *error: Any) -> JsonObject:
        return await self._body.athrow(*error)

    async def aclose(self) -> None:
        try:
            await self._body.aclose()
        finally:
            self._ended()


def _usage(usage: Usage) -> dict[str, str | int | tuple[str, ...] | None]:
    told = usage.vetted
    return {
        USAGE_INPUT_TOKENS: told.input_tokens,
        USAGE_OUTPUT_TOKENS: told.output_tokens,
        RESPONSE_FINISH_REASONS: told.finish_reasons or None,
        RESPONSE_ID: told.response_id,
        RESPONSE_MODEL: told.response_model,
    }
