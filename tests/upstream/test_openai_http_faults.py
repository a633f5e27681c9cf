"""Every way in which a backend fails, on a real socket: each ends in its typed error, which shows nothing."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.errors import (
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTruncated,
    UpstreamUnreachable,
)
from gateway.upstream.base import Deployment
from gateway.upstream.openai_http import OpenAiHttp
from tests.support import script
from tests.support.backend import ScriptedBackend
from tests.support.calls import KEY, SECRETS, chat, closed_port, failure, read, said
from tests.support.script import Request, Script

# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422, 429])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_refusal_that_the_client_can_act_on_is_an_answer(
    backend: ScriptedBackend, upstream: OpenAiHttp, status: int, stream: bool
) -> None:
    backend.reply_with(script.error(status, "Alice is too long").with_header("Retry-After", "7"))
    reply = await upstream.send(chat(stream=stream))
    (answer,) = await read(reply)
    assert (reply.status, reply.streaming, reply.retry_after) == (status, False, 7)
    assert answer["error"]["message"] == "Alice is too long"


@pytest.mark.parametrize("status", [401, 403, 405, 415, 500, 503])
@pytest.mark.parametrize("stream", [False, True])
async def test_other_refusals_are_the_backends_failure(
    backend: ScriptedBackend, upstream: OpenAiHttp, status: int, stream: bool
) -> None:
    backend.reply_with(script.error(status, f"Alice with {KEY}").with_header("Retry-After", "7"))
    error = await failure(upstream, chat(stream=stream))
    assert (type(error), error.status) == (UpstreamError, 502)
    assert error.retry_after == (None if status in (401, 403) else 7)


@pytest.mark.parametrize("status", [400, 404, 413, 422, 429])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("refusal", [script.html(), script.malformed_sse(), script.plain({"detail": [{"msg": "Alice"}]})])
async def test_a_refusal_in_any_shape_keeps_its_status(
    backend: ScriptedBackend, upstream: OpenAiHttp, refusal: Script, status: int, stream: bool
) -> None:
    backend.reply_with(replace(refusal, status=status))
    reply = await upstream.send(chat(stream=stream))
    (answer,) = await read(reply)
    assert (reply.status, reply.streaming) == (status, False)
    assert answer["error"]["message"] == "The backend refused the request without a reason."


async def test_a_failure_in_html_is_the_backends(backend: ScriptedBackend, upstream: OpenAiHttp) -> None:
    backend.reply_with(script.html(502))
    assert type(await failure(upstream, chat())) is UpstreamError


# --- faults -------------------------------------------------------------------------------------------------------


def half(request: Request) -> Script:
    whole = script.text(request, "Alice said hello")
    return whole.dropped_after(len(whole.body) // 2)


def first_event_only(request: Request) -> Script:
    whole = script.text(request, "Alice")
    return script.raw(whole.body[: whole.body.index(b"\n\n") + 2])


STREAM_FAULTS: list[tuple[Any, type[UpstreamError]]] = [
    (script.html(200), UpstreamProtocolError),
    (script.plain({"choices": [{"message": {"content": "Alice"}}]}), UpstreamProtocolError),
    (script.malformed_sse(), UpstreamProtocolError),
    (script.invalid_utf8(), UpstreamProtocolError),
    (script.raw(b'data: ["Alice"]\n\n'), UpstreamProtocolError),
    (script.raw(b"data: " + b"[" * 3000 + b"\n\n"), UpstreamProtocolError),
    (script.long_line(), UpstreamProtocolError),
    (script.error_event("Alice"), UpstreamError),
    (script.raw(b""), UpstreamTruncated),
    (script.raw(b"data: [DO"), UpstreamTruncated),
    (script.hang_up(), UpstreamTruncated),
    (half, UpstreamTruncated),
    (first_event_only, UpstreamTruncated),
]


@pytest.mark.parametrize(("scripted", "kind"), STREAM_FAULTS)
@pytest.mark.parametrize("cut", [False, True])
async def test_a_broken_stream_ends_in_its_typed_error(
    backend: ScriptedBackend, upstream: OpenAiHttp, scripted: Any, kind: type[UpstreamError], cut: bool
) -> None:
    def scripter(request: Request) -> Script:
        made = scripted if isinstance(scripted, Script) else scripted(request)
        return made.cut_every(97) if cut and len(made.body) < 10_000 else made

    backend.reply_with(scripter)
    assert type(await failure(upstream, chat("Alice", stream=True))) is kind
    backend.reply_with(script.echo)
    assert said(await read(await upstream.send(chat("still alive", stream=True)))) == "still alive"


PLAIN_FAULTS: list[tuple[Any, type[UpstreamError]]] = [
    (script.html(200), UpstreamProtocolError),
    (script.plain([1]), UpstreamProtocolError),
    (script.raw(b'{"choices": "\xff"}', script.JSON), UpstreamProtocolError),
    (script.raw(b'{"choices": [', script.JSON), UpstreamProtocolError),
    (script.raw(b"", script.JSON), UpstreamProtocolError),
    (script.raw(b"data: {}\n\n"), UpstreamProtocolError),
    (script.plain({}, 204), UpstreamProtocolError),
    (script.plain({"error": {"message": "Alice"}}), UpstreamError),
    (script.plain({"text": "Alice"}).dropped_after(5), UpstreamTruncated),
    (script.hang_up(), UpstreamTruncated),
    (half, UpstreamTruncated),
]


@pytest.mark.parametrize(("scripted", "kind"), PLAIN_FAULTS)
async def test_a_broken_answer_ends_in_its_typed_error(
    backend: ScriptedBackend, upstream: OpenAiHttp, scripted: Any, kind: type[UpstreamError]
) -> None:
    backend.reply_with(scripted)
    assert type(await failure(upstream, chat("Alice"))) is kind


async def test_deltas_before_a_fault_reach_the_client(backend: ScriptedBackend, upstream: OpenAiHttp) -> None:
    backend.reply_with(script.error_event().slow(0.02))
    reply = await upstream.send(chat(stream=True))
    assert said([await anext(reply.body)]) == "Hel"
    with pytest.raises(UpstreamError):
        await anext(reply.body)


async def test_a_backend_that_is_down_is_unreachable() -> None:
    upstream = OpenAiHttp(Deployment(id="a", base_url=f"http://127.0.0.1:{closed_port()}/v1", api_key=SecretStr(KEY)))
    assert type(await failure(upstream, chat())) is UpstreamUnreachable
    await upstream.close()


async def test_what_does_not_speak_http_is_a_protocol_error() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 Alice ESMTP ready\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        upstream = OpenAiHttp(Deployment(id="a", base_url=f"http://127.0.0.1:{port}/v1"))
        assert type(await failure(upstream, chat())) is UpstreamProtocolError
        await upstream.close()


async def test_broken_chunk_framing_is_no_end() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head + b"5\r\ndata:\r\nzz\r\nAlice")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        upstream = OpenAiHttp(Deployment(id="a", base_url=f"http://127.0.0.1:{port}/v1"))
        assert type(await failure(upstream, chat(stream=True))) in (UpstreamTruncated, UpstreamProtocolError)
        await upstream.close()


# --- nothing leaks ------------------------------------------------------------------------------------------------


async def test_nothing_of_keys_or_bodies_is_logged(
    backend: ScriptedBackend, upstream: OpenAiHttp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for scripted in [fault for fault, _ in STREAM_FAULTS + PLAIN_FAULTS] + [script.error(500, "Alice"), script.error(401)]:
        backend.reply_with(scripted)
        await failure(upstream, chat("Alice", stream=True))
    assert re.search("|".join(SECRETS), caplog.text) is None
    assert KEY not in repr(upstream) + repr(vars(upstream))
