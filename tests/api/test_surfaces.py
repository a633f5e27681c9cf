from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Message

from gateway.api.surfaces import SurfaceEndpoint
from gateway.errors import Unauthenticated
from gateway.exchange import Exchange, Reply
from gateway.protocol.wire import Surface

RAW = "alice@corp-example.org"
Pipeline = Callable[[Exchange], Awaitable[Reply]]


def pipeline(*objects: dict[str, Any], streaming: bool = False, error: Exception | None = None) -> Pipeline:
    """Answers with these objects, and then fails."""

    async def body() -> AsyncGenerator[dict[str, Any], None]:
        for each in objects:
            yield each
        if error is not None:
            raise error

    async def proceed(exchange: Exchange) -> Reply:
        await exchange.intake()
        return Reply(status=200, streaming=streaming, body=body())

    return proceed


async def posted(
    proceed: Pipeline, surface: Surface = Surface.CHAT, *, end: Callable[[], Awaitable[Message]] | None = None
) -> list[Message]:
    """The messages that answer one request. `end` is what the server says after the body; by default, nothing."""
    sent: list[Message] = []
    asked = iter([{"type": "http.request", "body": b"{}", "more_body": False}])

    async def receive() -> Message:
        for message in asked:
            return message
        if end is None:
            await asyncio.Event().wait()
            raise AssertionError
        return await end()

    async def send(message: Message) -> None:
        sent.append(message)

    endpoint = SurfaceEndpoint(surface, proceed, max_body_bytes=100, body_timeout_s=5)
    await endpoint({"type": "http", "headers": []}, receive, send)
    return sent


def deep(levels: int) -> dict[str, Any]:
    """What orjson does not write."""
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("streaming", [False, True])
async def test_what_cannot_be_written_is_a_typed_error(streaming: bool, caplog: pytest.LogCaptureFixture) -> None:
    start, body = await posted(pipeline(deep(300), streaming=streaming))
    assert start["status"] == 500
    assert (b"content-type", b"application/json") in start["headers"]
    assert json.loads(body["body"])["error"]["code"] == "internal_error"
    assert "internal fault: " in caplog.text


async def test_an_event_that_cannot_be_written_ends_the_stream_with_an_error() -> None:
    start, *pieces = await posted(pipeline({"a": 1}, deep(300), streaming=True))
    assert start["status"] == 200
    assert [piece["more_body"] for piece in pieces] == [True, False]
    assert b"internal_error" in pieces[-1]["body"]


@pytest.mark.parametrize("streaming", [False, True])
async def test_whatever_the_pipeline_raises_is_a_typed_error(streaming: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    start, body = await posted(pipeline(streaming=streaming, error=KeyError(RAW)))
    assert start["status"] == 500
    assert json.loads(body["body"])["error"]["code"] == "internal_error"
    assert "internal fault: KeyError at" in caplog.text
    assert RAW not in caplog.text + body["body"].decode()


async def test_the_callers_trace_is_vetted_and_the_call_has_a_name() -> None:
    """Two `traceparent` are none, whichever of them is right; a state without one is not even read."""
    parent, heard = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", []

    async def proceed(exchange: Exchange) -> Reply:
        heard.append((exchange.traceparent, exchange.tracestate))
        raise Unauthenticated(exchange.call_id)

    endpoint = SurfaceEndpoint(
        Surface.CHAT, proceed, max_body_bytes=100, body_timeout_s=5, tracestate_keys=frozenset({"congo"})
    )
    state = (b"tracestate", b"congo=t61,mail=alice@corp-example.org")
    for parents in ([parent], [parent, parent], [b"no parent"]):
        scope: dict[str, Any] = {"type": "http", "headers": [*((b"traceparent", one) for one in parents), state]}
        sent: list[Message] = []

        async def send(message: Message, sent: list[Message] = sent) -> None:
            sent.append(message)

        await endpoint(scope, asyncio.Event().wait, send)  # type: ignore[arg-type]  # the body is never read
        assert dict(sent[0]["headers"])[b"x-request-id"].decode() == scope["state"]["call_id"]
    assert heard == [(parent.decode(), "congo=t61"), (None, None), (None, None)]


async def test_an_unknown_caller_is_challenged() -> None:
    start, _body = await posted(pipeline(error=Unauthenticated("A key is needed.")))
    assert start["status"] == 401
    assert (b"www-authenticate", b"Bearer") in start["headers"]


async def test_a_failure_of_the_server_is_not_swallowed() -> None:
    """It goes up, to where it is logged and answered."""

    async def broken() -> Message:
        raise OSError("the server is broken")

    async def forever(exchange: Exchange) -> Reply:
        await exchange.intake()
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(OSError, match="broken"):
        await posted(forever, end=broken)


async def test_a_client_that_hangs_up_cancels_the_exchange() -> None:
    cancelled = asyncio.Event()

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def forever(exchange: Exchange) -> Reply:
        await exchange.intake()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    assert await posted(forever, end=gone) == []
    assert cancelled.is_set()
