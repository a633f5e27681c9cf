"""A WebSocket where none is served: an answer in words, in OpenAI's shape."""

from __future__ import annotations

import asyncio

import orjson
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.routing import WebSocketRoute
from starlette.types import Message, Scope
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.api.errors import handle_errors
from gateway.cli.serve.upgrades import upgrade_options

ABLE: dict[str, dict[str, str]] = {"websocket.http.response": {}}
"""What a server can that gives a handshake an answer."""


async def serve(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close(1000)


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    made.router.routes.append(WebSocketRoute("/v1/served", serve))
    handle_errors(made)
    return made


async def sent(app: FastAPI, path: str, extensions: dict[str, dict[str, str]] | None) -> list[Message]:
    """What a caller that wants a WebSocket there is sent."""
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        messages.append(message)

    scope: Scope = {"type": "websocket", "path": path, "headers": [], "query_string": b"", "extensions": extensions}
    await app(scope, receive, send)
    return messages


async def test_it_is_refused_in_words(app: FastAPI) -> None:
    start, body = await sent(app, "/v1/responses", ABLE)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 426)
    headers = dict(start["headers"])
    assert (headers[b"upgrade"], headers[b"connection"]) == (b"HTTP/1.1", b"upgrade")
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"x-request-id"].startswith(b"req_")
    assert body["type"] == "websocket.http.response.body"
    error = orjson.loads(body["body"])["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == "websocket_not_served"


@pytest.mark.parametrize("extensions", [{}, None])
async def test_a_server_that_cannot_say_so_closes(app: FastAPI, extensions: dict[str, dict[str, str]] | None) -> None:
    (only,) = await sent(app, "/v1/responses", extensions)
    assert only["type"] == "websocket.close"


async def test_one_that_is_served_closes_as_it_likes(app: FastAPI) -> None:
    kinds = [message["type"] for message in await sent(app, "/v1/served", ABLE)]
    assert kinds == ["websocket.accept", "websocket.close"]


async def test_a_client_hears_it_over_the_wire(app: FastAPI) -> None:
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="error", **upgrade_options()))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{port}/v1/responses", compression=None)
    answer = refused.value.response
    assert (answer.status_code, answer.headers["content-type"]) == (426, "application/json")
    assert (answer.headers["upgrade"], "upgrade" in answer.headers["connection"]) == ("HTTP/1.1", True)
    assert orjson.loads(answer.body or b"")["error"]["code"] == "websocket_not_served"
    server.should_exit = True
    await serving
