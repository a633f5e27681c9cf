"""Replies and errors as ASGI messages: a JSON document, or server-sent events as they come."""

from __future__ import annotations

from contextlib import aclosing

import orjson
from starlette.types import Send

from gateway.errors import GatewayError, InternalFault, UpstreamProtocolError
from gateway.exchange import Body, Reply
from gateway.protocol.sse import DONE_EVENT, encode_event
from gateway.protocol.wire import JsonObject, Surface

_JSON = b"application/json"
_EVENTS = b"text/event-stream; charset=utf-8"


class Answer:
    """Writes one answer. Keeps whether it has begun, since a status can be sent only once."""

    def __init__(self, send: Send, surface: Surface, call_id: str) -> None:
        self._send = send
        self._surface = surface
        self._call_id = call_id
        self._begun = False

    async def reply(self, reply: Reply) -> None:
        """Raises GatewayError; `error` can then still be written, in the form that fits what has been sent."""
        async with aclosing(reply.body) as body:
            if reply.streaming:
                await self._stream(reply.status, body)
            else:
                await self._document(reply.status, await _only(body), retry_after=reply.retry_after)

    async def error(self, error: GatewayError) -> None:
        """As a document with its status, or as the last event of a stream that has begun."""
        if self._begun:
            await self._piece(self._error_event(error), more=False)
        else:
            await self._document(error.status, error.body(), retry_after=error.retry_after)

    async def _document(self, status: int, body: JsonObject, *, retry_after: int | None = None) -> None:
        raw = orjson.dumps(body)
        headers = [(b"content-length", str(len(raw)).encode())]
        if retry_after is not None:
            headers.append((b"retry-after", str(retry_after).encode()))
        await self._start(status, _JSON, headers)
        await self._piece(raw, more=False)

    async def _stream(self, status: int, body: Body) -> None:
        async for delta in body:  # nothing is sent before the first delta is there: early failures keep their status
            if not self._begun:
                await self._start(status, _EVENTS, [(b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")])
            await self._piece(self._event(delta), more=True)
        if not self._begun:
            raise UpstreamProtocolError("The backend's stream held no event.")
        await self._piece(b"" if self._surface is Surface.RESPONSES else DONE_EVENT, more=False)

    def _event(self, delta: JsonObject) -> bytes:
        name = delta.get("type") if self._surface is Surface.RESPONSES else None
        return encode_event(orjson.dumps(delta), name if isinstance(name, str) else None)

    def _error_event(self, error: GatewayError) -> bytes:
        if self._surface is not Surface.RESPONSES:
            return encode_event(orjson.dumps(error.body()))
        event = {"type": "error", "code": error.code, "message": error.message, "param": error.param}
        return encode_event(orjson.dumps(event), "error")

    async def _start(self, status: int, content_type: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        self._begun = True
        own = [(b"content-type", content_type), (b"x-request-id", self._call_id.encode())]
        await self._send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})

    async def _piece(self, body: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})


async def _only(body: Body) -> JsonObject:
    """The one object of a plain answer; the body is exhausted, so that the record is complete before anything goes out."""
    objects = [part async for part in body]
    if len(objects) != 1:
        raise InternalFault("The gateway met an internal error and did not answer.")
    return objects[0]
