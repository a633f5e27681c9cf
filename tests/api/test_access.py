"""What the access log hears of a request is what went over the wire, and no path, query or header of a client's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import WebSocketRoute
from starlette.types import Message, Receive, Scope, Send

from gateway.api.access import AccessNotes, name_call, name_route
from gateway.telemetry.lines import Access

MAIL = "alice@example.com"


def served() -> FastAPI:
    app, inner = FastAPI(), FastAPI()

    @app.post("/v1/{name}")
    async def named(name: str, body: dict[str, Any]) -> PlainTextResponse:
        return PlainTextResponse("pong" * len(body), headers={"x-request-id": "req_1"})

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"one"
            yield b"two"

        return StreamingResponse(pieces())

    @inner.get("/v1/keys/{key_id}")
    async def key(key_id: str) -> str:
        return key_id

    app.mount("/admin", inner)
    return app


async def noted(method: str, url: str, *, with_peer: bool = False, **request: Any) -> Access:
    heard: list[Access] = []
    app = AccessNotes(served(), heard.append, with_peer=with_peer)
    transport = httpx.ASGITransport(app, client=("10.1.2.3", 5000), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        await http.request(method, url, **request)
    (access,) = heard
    assert access.duration_ms > 0
    assert MAIL not in repr(access)
    return access


class Answers:
    def __init__(self, answers: tuple[Message, ...]) -> None:
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name_route(scope, "/v1/fhe/{model:path}")
        for _ in range(3):
            await receive()
        for message in self._answers:
            await send(message)


async def dialled(path: str, *answers: Message) -> Access:
    """A WebSocket that hears two messages, and is answered so."""
    heard: list[Access] = []
    coming: list[Message] = [{"type": "websocket.connect"}]
    coming += [{"type": "websocket.receive", "bytes": b"1234"}, {"type": "websocket.receive", "text": "\u00e9", "bytes": None}]

    async def receive() -> Message:
        return coming.pop(0)

    async def send(_: Message) -> None: ...

    app = FastAPI(routes=[WebSocketRoute("/v1/fhe/{model:path}", Answers(answers))])
    scope = {"type": "websocket", "path": path, "root_path": "", "headers": [], "query_string": MAIL.encode()}
    await AccessNotes(app, heard.append)(scope, receive, send)
    (access,) = heard
    assert (access.method, MAIL in repr(access)) == ("GET", False)
    return access


_REFUSED = {"type": "websocket.http.response.start", "status": 429, "headers": [(b"x-request-id", b"req_2")]}
_ACCEPTED = {"type": "websocket.accept", "headers": [(b"x-request-id", b"req_1")]}
_CLOSED = {"type": "websocket.close", "code": 1000}


@pytest.mark.parametrize(
    ("answers", "status", "call_id", "sent"),
    [
        ((_ACCEPTED, {"type": "websocket.send", "bytes": b"12345"}, _CLOSED), 101, "req_1", 5),
        ((_REFUSED, {"type": "websocket.http.response.body", "body": b"{}"}), 429, "req_2", 2),
        ((_CLOSED,), 403, None, 0),
        ((), None, None, 0),
    ],
)
async def test_a_websocket_and_its_messages(answers: tuple[Message, ...], status: int, call_id: str, sent: int) -> None:
    access = await dialled(f"/v1/fhe/{MAIL}", *answers)
    assert (access.route, access.status, access.call_id) == ("/v1/fhe/{model:path}", status, call_id)
    assert (access.received, access.sent) == (6, sent)


async def test_a_request_and_its_answer() -> None:
    access = await noted("POST", f"/v1/{MAIL}?mail={MAIL}", json={"a": 1}, headers={"x-request-id": MAIL, "user-agent": MAIL})
    assert (access.method, access.route, access.status, access.call_id) == ("POST", "/v1/{name}", 200, "req_1")
    assert (access.received, access.sent, access.peer) == (len(b'{"a":1}'), 4, None)


async def test_a_stream_counts_to_its_end() -> None:
    access = await noted("GET", "/stream")
    assert (access.status, access.sent, access.call_id) == (200, 6, None)


@pytest.mark.parametrize(
    ("method", "url", "route", "status"),
    [
        ("GET", f"/{MAIL}", None, 404),
        ("GET", "/v1/x", "/v1/{name}", 405),
        ("GET", f"/admin/v1/keys/{MAIL}", "/admin/v1/keys/{key_id}", 200),
        ("GET", f"/admin/{MAIL}", None, 404),
    ],
)
async def test_a_route_is_a_template(method: str, url: str, route: str | None, status: int) -> None:
    access = await noted(method, url)
    assert (access.route, access.status) == (route, status)


async def test_a_method_is_one_of_those_there_are() -> None:
    assert (await noted("ALICE", "/stream")).method == "_OTHER"


async def test_an_address_is_noted_only_where_that_is_wanted() -> None:
    assert (await noted("GET", "/stream", with_peer=True)).peer == "10.1.2.3"


async def nothing(message: Message) -> None:
    """Nobody listens."""


async def silent() -> Message:
    return {"type": "http.disconnect"}


async def test_a_client_that_hung_up_before_an_answer() -> None:
    heard: list[Access] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        name_call(scope, "req_2")
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await AccessNotes(app, heard.append)({"type": "http", "method": "POST", "headers": []}, silent, nothing)
    assert [(one.call_id, one.status, one.sent) for one in heard] == [("req_2", None, 0)]


async def test_what_is_no_request_is_let_through() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    await AccessNotes(app, lambda _: pytest.fail("no request"))({"type": "lifespan"}, silent, nothing)
    assert seen == ["lifespan"]
