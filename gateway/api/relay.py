"""`GET /v1/fhe/{model}`, upgraded to a WebSocket: the frames of one answer, from a caller that holds the key (docs/fhe.md).

A connection is an exchange like others: authenticated, allowed, limited and on the record. What was refused before it began
is refused in HTTP, with a status and a body as everywhere; later the connection is closed with a code (RFC 6455, 7.4.1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import aclosing, suppress
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from gateway.api.access import name_call, name_route
from gateway.api.call_id import new_call_id
from gateway.api.client import Client
from gateway.api.errors import error_headers
from gateway.audit.journal import NoJournal
from gateway.errors import GatewayError, NotPermitted
from gateway.exchange import Exchange, Reply
from gateway.faults import internal_fault
from gateway.fhe.relay.pipe import FRAME, Announced, Pipe
from gateway.pipeline import Proceed
from gateway.protocol.facts import Facts, lenient_tokens
from gateway.protocol.wire import Surface

PATH = "/v1/fhe/{model:path}"
_NO_PAGES = "Web pages are not served here."
"""A browser lets any page open a WebSocket to anywhere, as whoever its visitor is to a proxy before us (RFC 6455, 10.2)."""

_PIECE = 256 * 1024
_WELL, _POLICY, _FAULT = 1000, 1008, 1011


class RelayEndpoint:
    """ASGI. `stalled_s`: how long a caller may leave what is sent to it lying."""

    def __init__(self, pipeline: Proceed, *, stalled_s: float = 60.0, tracestate_keys: Collection[str] = ()) -> None:
        self._pipeline = pipeline
        self._stalled_s = stalled_s
        self._tracestate_keys = tracestate_keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # the wish to connect
        name_route(scope, PATH)
        if "origin" in Headers(scope=scope):
            await _Line(send, self._stalled_s, new_call_id()).error(NotPermitted(_NO_PAGES))
            return
        pipe = Pipe(_announced(scope))
        client = Client(scope, receive, max_body_bytes=0, body_timeout_s=0)
        exchange = _exchange(scope, client, pipe, self._tracestate_keys)
        name_call(scope, exchange.call_id)
        answering = asyncio.create_task(self._answer(exchange, _Line(send, self._stalled_s, exchange.call_id)))
        feeding = asyncio.create_task(_feed(receive, pipe))
        try:
            await asyncio.wait({answering, feeding}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done() and feeding.result():
                await answering
        finally:
            await _end(answering, feeding)  # who left in the middle wants no answer: cancelling reaches the server's line

    async def _answer(self, exchange: Exchange, line: _Line) -> None:
        with suppress(OSError):  # the caller has hung up, or reads nothing
            try:
                await line.reply(await self._pipeline(exchange))
            except GatewayError as error:
                await line.error(error)
            except OSError:
                raise
            except Exception as error:  # noqa: BLE001 - see SurfaceEndpoint
                await line.error(internal_fault(error))


class _Line:
    """Writes what goes to the caller."""

    def __init__(self, send: Send, stalled_s: float, call_id: str) -> None:
        self._send = send
        self._stalled_s = stalled_s
        self._call_id = call_id.encode()
        self._accepted = False

    async def reply(self, reply: Reply) -> None:
        """Raises GatewayError."""
        async with aclosing(reply.body) as events:
            headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
            await self._send({"type": "websocket.accept", "headers": [(b"x-request-id", self._call_id), *headers]})
            self._accepted = True
            async for event in events:
                await self._frame(event[FRAME])
        await self._close(_WELL)

    async def error(self, error: GatewayError) -> None:
        if self._accepted:
            await self._close(_POLICY if error.status < 500 else _FAULT, error.code)
            return
        body = orjson.dumps(error.body())
        told = {"content-type": "application/json", "content-length": str(len(body)), **error_headers(error)}
        headers = [(b"x-request-id", self._call_id), *((name.encode(), value.encode()) for name, value in told.items())]
        await self._send({"type": "websocket.http.response.start", "status": error.status, "headers": headers})
        await self._send({"type": "websocket.http.response.body", "body": body})

    async def _frame(self, frame: bytes) -> None:
        """In pieces: a message is kept whole by whoever receives it, and means nothing here."""
        view = memoryview(frame)
        async with asyncio.timeout(self._stalled_s):
            for start in range(0, len(frame), _PIECE):
                await self._send({"type": "websocket.send", "bytes": bytes(view[start : start + _PIECE])})

    async def _close(self, code: int, reason: str = "") -> None:
        async with asyncio.timeout(self._stalled_s):
            await self._send({"type": "websocket.close", "code": code, "reason": reason})


async def _feed(receive: Receive, pipe: Pipe) -> bool:
    """Until the caller leaves; whether it said that it was done. Only then the frames end, and are not broken off."""
    while (message := await receive())["type"] != "websocket.disconnect":
        await pipe.feed(message.get("bytes") or (message.get("text") or "").encode())
    done: bool = message.get("code") == _WELL
    if done:
        pipe.end()
    return done


def _announced(scope: Scope) -> Announced:
    """What is no number counts as none, and is refused on the record."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    prompt, answer = (lenient_tokens(asked.get(name, [""])[0]) for name in ("prompt_tokens", "max_tokens"))
    return Announced(prompt, answer)


def _exchange(scope: Scope, client: Client, pipe: Pipe, tracestate_keys: Collection[str]) -> Exchange:
    trace, model = client.trace(tracestate_keys), str(scope["path_params"]["model"])
    stated, most = client.stated, pipe.announced.answer
    facts = Facts(
        model=model, surface=Surface.CHAT, stream=True, purpose=stated.purpose, consent=stated.consent, max_tokens=most
    )
    return Exchange(
        call_id=new_call_id(),
        surface=Surface.CHAT,
        journal=NoJournal(),
        intake=pipe,
        credential=client.credential,
        peer=client.peer,
        stated=stated,
        traceparent=trace.traceparent,
        tracestate=trace.tracestate,
        request={"model": model, "max_tokens": most},
        facts=facts,
        stream=True,
    )


async def _end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel what still runs. Raises what a task had failed of."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
