"""The adapter against a real socket: what is sent, what comes back, and what becomes of connections."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from gateway import __version__
from gateway.errors import (
    MalformedBody,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamUnreachable,
)
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.base import Deployment, Place, Timeouts, UpstreamCall
from gateway.upstream.openai_http import OpenAiHttp
from tests.support import script
from tests.support.backend import ScriptedBackend
from tests.support.calls import KEY, chat, closed_port, deployment, failure, read, said
from tests.support.script import Request, Script
from tests.support.shapes import ToolCall

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


# --- honest answers -----------------------------------------------------------------------------------------------


async def test_a_plain_answer_is_one_object(upstream: OpenAiHttp) -> None:
    reply = await upstream.send(chat())
    (answer,) = await read(reply)
    assert (reply.status, reply.streaming, reply.retry_after) == (200, False, None)
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "hello 张伟"}


async def test_a_stream_is_its_deltas(upstream: OpenAiHttp) -> None:
    reply = await upstream.send(chat(stream=True, n=2, stream_options={"include_usage": True}))
    deltas = await read(reply)
    assert (reply.status, reply.streaming) == (200, True)
    assert said([delta for delta in deltas if delta["choices"] and delta["choices"][0]["index"] == 1]) == "hello 张伟"
    assert deltas[-1]["usage"]["completion_tokens"] == 4


@pytest.mark.parametrize(("code", "unsupported"), [("unsupported_parameter", True), ("context_length_exceeded", False)])
async def test_what_another_backend_may_take_is_marked(
    backend: ScriptedBackend, upstream: OpenAiHttp, code: str, unsupported: bool
) -> None:
    backend.reply_with(script.error(400, code=code))
    reply = await upstream.send(chat(stream=True))
    assert (reply.status, reply.unsupported) == (400, unsupported)
    assert [answer["error"]["code"] for answer in await read(reply)] == [code]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("surface", "fields"), [(Surface.COMPLETIONS, {"prompt": "hello"}), (Surface.RESPONSES, {"input": "hello"})]
)
async def test_the_other_surfaces(upstream: OpenAiHttp, surface: Surface, fields: JsonObject, stream: bool) -> None:
    call = UpstreamCall(surface=surface, body={"model": "m", "stream": stream, **fields}, stream=stream)
    deltas = await read(await upstream.send(call))
    pieces = [delta["delta"] for delta in deltas if delta.get("type") == "response.output_text.delta"]
    pieces += [choice["text"] for delta in deltas for choice in delta.get("choices", [])]
    pieces += [part["text"] for delta in deltas for item in delta.get("output", []) for part in item["content"]]
    assert "".join(pieces) == "hello"


async def test_embeddings(upstream: OpenAiHttp) -> None:
    call = UpstreamCall(surface=Surface.EMBEDDINGS, body={"model": "m", "input": ["a", "b"]})
    (answer,) = await read(await upstream.send(call))
    assert [len(row["embedding"]) for row in answer["data"]] == [8, 8]


async def test_tool_calls_in_a_stream_cut_at_every_byte(backend: ScriptedBackend, upstream: OpenAiHttp) -> None:
    calls = (ToolCall("mail", '{"to":"张伟"}', "call_1"), ToolCall("call", '{"who":"<PERSON_1>"}', "call_2"))
    backend.reply_with(lambda request: script.tool_calls(request, *calls, size=3).cut_every(1))
    arguments = {0: "", 1: ""}
    for delta in await read(await upstream.send(chat(stream=True))):
        for fragment in delta["choices"][0]["delta"].get("tool_calls", []):
            arguments[fragment["index"]] += fragment["function"]["arguments"]
    assert list(arguments.values()) == [call.arguments for call in calls]


async def test_a_delta_is_there_before_the_next_is_sent(backend: ScriptedBackend, upstream: OpenAiHttp) -> None:
    sent = script.deltas([{"choices": [{"index": 0, "delta": {"content": "now"}}]}]).without_done()
    backend.reply_with(sent.stalled_after(len(sent.body)))
    reply = await upstream.send(chat(stream=True))
    assert said([await anext(reply.body)]) == "now"
    await reply.body.aclose()


async def test_keep_alive_comments_are_no_deltas(backend: ScriptedBackend, upstream: OpenAiHttp) -> None:
    backend.reply_with(lambda request: script.raw(b": ping\n\n" + script.text(request, "hi").body).cut_at(3, 8))
    assert said(await read(await upstream.send(chat(stream=True)))) == "hi"


@pytest.mark.parametrize("surface", [Surface.CHAT, Surface.RESPONSES])
async def test_a_stream_without_done_but_whole_is_whole(
    backend: ScriptedBackend, upstream: OpenAiHttp, surface: Surface
) -> None:
    backend.reply_with(lambda request: script.text(request, "hi").without_done())
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "x"}], "input": "x"}
    assert await read(await upstream.send(UpstreamCall(surface=surface, body=body, stream=True)))


# --- what is sent -------------------------------------------------------------------------------------------------


async def test_only_the_body_and_headers_of_ours_go_out(backend: ScriptedBackend, upstream: OpenAiHttp) -> None:
    call = chat(unknown={"deep": [1, None, 0.5]})
    await read(await upstream.send(call))
    (request,) = backend.received
    assert (request.method, request.path, request.json) == ("POST", "/v1/chat/completions", call.body)
    assert request.headers == {
        "host": f"127.0.0.1:{backend.port}",
        "user-agent": f"privacy-gateway/{__version__}",
        "authorization": f"Bearer {KEY}",
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",
        "content-length": str(len(request.body)),
    }


async def test_the_models_name_at_the_backend_replaces_the_clients(backend: ScriptedBackend) -> None:
    upstream = OpenAiHttp(Deployment(id="a", base_url=backend.url + "/", model="org/model-7b"))
    call = chat(stream=True)
    await read(await upstream.send(call))
    await upstream.close()
    assert backend.received[0].json == {**call.body, "model": "org/model-7b"}
    assert call.body["model"] == "m"
    assert backend.received[0].headers["accept"] == "text/event-stream"
    assert "authorization" not in backend.received[0].headers


@pytest.mark.parametrize(
    ("given", "sent"), [(TRACEPARENT, TRACEPARENT), (None, None), ("x\r\nCookie: a=b", None), (TRACEPARENT + "\n", None)]
)
async def test_a_traceparent_goes_along_if_it_is_one(
    backend: ScriptedBackend, upstream: OpenAiHttp, given: str | None, sent: str | None
) -> None:
    call = UpstreamCall(surface=Surface.CHAT, body=chat().body, traceparent=given)
    await read(await upstream.send(call))
    assert backend.received[0].headers.get("traceparent") == sent


@pytest.mark.parametrize(
    ("parent", "given", "sent"),
    [
        (TRACEPARENT, "a=1,b=2 3", "a=1,b=2 3"),
        (TRACEPARENT, "a=1\r\nCookie: a=b", None),
        (TRACEPARENT, "a=é", None),
        (None, "a=1", None),
    ],
)
async def test_a_tracestate_goes_along_with_a_traceparent_if_it_is_one(
    backend: ScriptedBackend, upstream: OpenAiHttp, parent: str | None, given: str, sent: str | None
) -> None:
    await read(await upstream.send(UpstreamCall(surface=Surface.CHAT, body=chat().body, traceparent=parent, tracestate=given)))
    assert backend.received[0].headers.get("tracestate") == sent


async def test_a_place_is_named_as_traces_name_it(upstream: OpenAiHttp, backend: ScriptedBackend) -> None:
    assert upstream.place == Place("127.0.0.1", backend.port)
    assert OpenAiHttp(Deployment(id="d", base_url="https://models.example/v1")).place == Place("models.example", 443)


async def test_cookies_proxies_and_redirects_are_ignored(
    backend: ScriptedBackend, upstream: OpenAiHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    backend.reply_with(lambda request: script.echo(request).with_header("Set-Cookie", "session=1"))
    await read(await upstream.send(chat()))
    backend.reply_with(script.plain({}, 307).with_header("Location", f"{backend.url}/completions"))
    assert type(await failure(upstream, chat())) is UpstreamProtocolError
    assert [request.path for request in backend.received] == ["/v1/chat/completions"] * 2
    assert b"session" not in backend.wire_bytes


async def test_a_body_that_cannot_be_written_as_json_is_the_clients_fault(upstream: OpenAiHttp) -> None:
    nested: list[Any] = []
    for _ in range(300):
        nested = [nested]
    with pytest.raises(MalformedBody) as refusal:
        await upstream.send(chat(metadata=nested))
    assert refusal.value.__suppress_context__


async def test_the_body_is_sent_as_it_is_byte_for_byte(backend: ScriptedBackend, upstream: OpenAiHttp) -> None:
    text = 'ümlaut "quoted" \\ / \u2028 \ud7ff 😀 \x00 <PERSON_1>'
    await read(await upstream.send(chat(text)))
    assert orjson.loads(backend.received[0].body)["messages"][0]["content"] == text


# --- connections --------------------------------------------------------------------------------------------------


async def test_connections_are_used_again_after_plain_answers_and_streams(
    backend: ScriptedBackend, upstream: OpenAiHttp
) -> None:
    for stream in (False, True, True, False):
        await read(await upstream.send(chat(stream=stream)))
    assert (backend.connections, backend.open_connections) == (1, 1)


async def test_a_body_that_ends_a_little_after_done_gives_its_connection_back(
    backend: ScriptedBackend, upstream: OpenAiHttp
) -> None:
    def lingering(request: Request) -> Script:
        return script.raw(script.text(request, "hi").body + b": bye\n\n").cut_at_events().slow(0.02)

    backend.reply_with(lingering)
    for _ in range(2):
        await read(await upstream.send(chat(stream=True)))
    assert (backend.connections, backend.disconnects) == (1, 0)


async def test_a_backend_that_does_not_end_its_body_after_done_does_not_hold_the_client(
    backend: ScriptedBackend, upstream: OpenAiHttp
) -> None:
    def never_ending(request: Request) -> Script:
        whole = script.text(request, "hi")
        return whole.stalled_after(len(whole.body))

    backend.reply_with(never_ending)
    assert said(await read(await upstream.send(chat(stream=True)))) == "hi"
    await backend.saw_disconnect()


@pytest.mark.parametrize("deltas_read", [0, 1])
async def test_hanging_up_closes_the_backends_connection(
    backend: ScriptedBackend, upstream: OpenAiHttp, deltas_read: int
) -> None:
    backend.reply_with(lambda request: script.text(request, "a long answer").slow(0.01).stalled_after(2_000))
    reply = await upstream.send(chat(stream=True))
    for _ in range(deltas_read):
        await anext(reply.body)
    await reply.body.aclose()
    await backend.saw_disconnect()


@pytest.mark.parametrize("scripted", [script.silence(), script.raw(b"").stalled_after(0)])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_cancelled_call_hangs_up(
    backend: ScriptedBackend, upstream: OpenAiHttp, scripted: Script, stream: bool
) -> None:
    backend.reply_with(scripted if stream else script.plain({}).stalled_after(1))
    call = asyncio.create_task(upstream.send(chat(stream=stream)))
    while not backend.received:
        await asyncio.sleep(0.005)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await backend.saw_disconnect()


async def test_a_cancelled_reader_hangs_up(backend: ScriptedBackend, upstream: OpenAiHttp) -> None:
    backend.reply_with(lambda request: script.text(request, "hi").stalled_after(300))
    reply = await upstream.send(chat(stream=True))
    reader = asyncio.create_task(read(reply))
    await asyncio.sleep(0.02)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    await backend.saw_disconnect()


async def test_a_closed_upstream_refuses(upstream: OpenAiHttp) -> None:
    await read(await upstream.send(chat()))
    await upstream.close()
    await upstream.close()
    assert type(await failure(upstream, chat())) is UpstreamUnreachable
    assert not await upstream.healthy()


async def test_closing_ends_a_stream_with_a_typed_error(backend: ScriptedBackend) -> None:
    upstream = OpenAiHttp(deployment(backend, timeouts=Timeouts(between_bytes_s=0.2)))
    backend.reply_with(lambda request: script.text(request, "hi").stalled_after(300))
    reply = await upstream.send(chat(stream=True))
    await upstream.close()
    with pytest.raises(UpstreamError):
        await read(reply)


async def test_a_full_pool_is_waited_for_no_longer_than_for_a_connection(backend: ScriptedBackend) -> None:
    limits = Timeouts(connect_s=0.05)
    upstream = OpenAiHttp(deployment(backend, timeouts=limits, connections=1))
    backend.reply_with(lambda request: script.text(request, "hello").stalled_after(400))
    busy = await upstream.send(chat(stream=True))
    assert type(await failure(upstream, chat(stream=True))) is UpstreamUnreachable
    await busy.body.aclose()
    backend.reply_with(script.echo)
    assert await read(await upstream.send(chat()))
    await upstream.close()


# --- health -------------------------------------------------------------------------------------------------------


async def test_health_asks_for_the_models(backend: ScriptedBackend, upstream: OpenAiHttp) -> None:
    assert await upstream.healthy()
    assert (backend.received[0].method, backend.received[0].path) == ("GET", "/v1/models")


@pytest.mark.parametrize("scripted", [script.error(401), script.error(503), script.hang_up(), script.html(302)])
async def test_a_backend_that_does_not_answer_its_models_is_not_healthy(
    backend: ScriptedBackend, upstream: OpenAiHttp, scripted: Script
) -> None:
    backend.reply_with(scripted)
    assert not await upstream.healthy()


async def test_a_backend_that_is_down_is_not_healthy() -> None:
    upstream = OpenAiHttp(Deployment(id="a", base_url=f"http://127.0.0.1:{closed_port()}/v1"))
    assert not await upstream.healthy()
    await upstream.close()
