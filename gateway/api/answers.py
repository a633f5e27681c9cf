"""Replies and errors as ASGI messages: a JSON document, or server-sent events as they come."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing

import orjson
from starlette.types import Send

from gateway.api.errors import error_headers
from gateway.api.heartbeat import Heartbeat
from gateway.errors import GatewayError, InternalFault, UpstreamProtocolError
from gateway.exchange import Body, Reply
from gateway.protocol.sse import DONE_EVENT, encode_event
from gateway.protocol.wire import JsonObject, Surface

_JSON = b"application/json"
_EVENTS = b"text/event-stream; charset=utf-8"
_STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_LARGEST_NUMBER = 2**53 - 1
"""What every JSON parser reads exactly; a backend's event number beyond it is not counted on."""


class Answer:
    """Writes one answer. Keeps whether it has begun, since a status can be sent only once.

    `heartbeat_s`: seconds of silence after which a stream gets a comment.
    """

    def __init__(self, send: Send, surface: Surface, call_id: str, heartbeat_s: float = 15.0) -> None:
        self._send = send
        self._surface = surface
        self._call_id = call_id
        self._heartbeat_s = heartbeat_s
        self._begun = False
        self._next_number = 0

    async def reply(self, reply: Reply) -> None:
        """Raises GatewayError; `error` can then still be written, in the form that fits what has been sent."""
        async with aclosing(reply.body) as body:
            if reply.streaming:
                await self._stream(reply.status, body, reply.headers)
            else:
                retry = {} if reply.retry_after is None else {"retry-after": str(reply.retry_after)}
                await self._document(reply.status, await _only(body), {**reply.headers, **retry})

    async def error(self, error: GatewayError) -> None:
        """As a document with its status, or as the last event of a stream that has begun."""
        if self._begun:
            await self._last(self._error_event(error))
        else:
            await self._document(error.status, error.body(), error_headers(error))

    async def _document(self, status: int, body: JsonObject, headers: Mapping[str, str]) -> None:
        raw = orjson.dumps(body)
        await self._start(status, _JSON, {"content-length": str(len(raw)), **headers})
        await self._last(raw)

    async def _stream(self, status: int, body: Body, headers: Mapping[str, str]) -> None:
        heart = Heartbeat(self._send, self._heartbeat_s)
        try:
            async for delta in body:  # nothing is sent before the first delta is there: early failures keep their status
                event = self._event(delta)
                if not self._begun:
                    await self._start(status, _EVENTS, {**_STREAM_HEADERS, **headers})
                await heart.say(event)
        finally:
            heart.stop()
        if not self._begun:
            raise UpstreamProtocolError("The backend's stream held no event.")
        await self._last(b"" if self._surface is Surface.RESPONSES else DONE_EVENT)

    def _event(self, delta: JsonObject) -> bytes:
        if self._surface is not Surface.RESPONSES:
            return encode_event(orjson.dumps(delta))
        name, number = delta.get("type"), delta.get("sequence_number")
        event = encode_event(orjson.dumps(delta), name if isinstance(name, str) else None)
        if isinstance(number, int) and 0 <= number < _LARGEST_NUMBER:
            self._next_number = number + 1
        return event

    def _error_event(self, error: GatewayError) -> bytes:
        if self._surface is not Surface.RESPONSES:
            return encode_event(orjson.dumps(error.body()))
        said = {"code": error.code, "message": error.message, "param": error.param}
        return encode_event(orjson.dumps({"type": "error", **said, "sequence_number": self._next_number}), "error")

    async def _start(self, status: int, content_type: bytes, headers: Mapping[str, str]) -> None:
        self._begun = True
        own = [(b"content-type", content_type), (b"x-request-id", self._call_id.encode())]
        more = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": [*own, *more]})

    async def _last(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


async def _only(body: Body) -> JsonObject:
    """The one object of a plain answer; the body is exhausted, so that the record is complete before anything goes out."""
    objects = [part async for part in body]
    if len(objects) != 1:
        raise InternalFault("The gateway met an internal error and did not answer.")
    return objects[0]
