"""Whole calls to servers with their own ways, over real sockets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.base import UpstreamCall
from gateway.upstream.openai_http import OpenAiHttp
from gateway.upstream.servers import SERVERS, Preset
from tests.support import script, server_shapes
from tests.support.backend import ScriptedBackend
from tests.support.calls import chat, deployment, read, said

KNOWN = [preset for preset in Preset if preset is not Preset.OPENAI]


async def answer(backend: ScriptedBackend, preset: Preset, call: UpstreamCall) -> tuple[list[JsonObject], int | None]:
    """What a client gets, and what the record is told of tokens read."""
    upstream = OpenAiHttp(deployment(backend, server=preset))
    try:
        reply = await upstream.send(call)
        deltas = await read(reply)
        assert reply.tally is not None
        return deltas, reply.tally.usage.input_tokens
    finally:
        await upstream.close()


@pytest.mark.parametrize("preset", KNOWN)
async def test_usage_reaches_the_record_and_not_the_client(backend: ScriptedBackend, preset: Preset) -> None:
    events = [server_shapes.chunk({"role": "assistant", "content": "hi"}), server_shapes.chunk({}, "stop")]
    backend.reply_with(script.deltas([*events, server_shapes.usage_chunk()]).cut_at_events())
    deltas, read_tokens = await answer(backend, preset, chat(stream=True))
    assert deltas == events
    assert read_tokens == 7
    assert backend.received[0].json["stream_options"] == {"include_usage": True}


async def test_a_client_that_asks_gets_it(backend: ScriptedBackend) -> None:
    events = [server_shapes.chunk({"content": "hi"}, "stop"), server_shapes.usage_chunk()]
    backend.reply_with(script.deltas(events))
    deltas, _ = await answer(backend, Preset.VLLM, chat(stream=True, stream_options={"include_usage": True}))
    assert deltas == events


async def test_ollamas_zeros_are_taken_out(backend: ScriptedBackend) -> None:
    backend.reply_with(script.deltas(server_shapes.ollama_text()))
    call = UpstreamCall(surface=Surface.COMPLETIONS, body={"model": "m", "prompt": "hi", "stream": True}, stream=True)
    deltas, read_tokens = await answer(backend, Preset.OLLAMA, call)
    assert "".join(delta["choices"][0]["text"] for delta in deltas) == "hello"
    assert not any("usage" in delta for delta in deltas)
    assert read_tokens == 7


async def test_a_text_of_tgis_is_not_taken_for_finished(backend: ScriptedBackend) -> None:
    whole = script.deltas(server_shapes.tgi_text(["he", "llo"])).without_done()
    backend.reply_with(whole)
    call = UpstreamCall(surface=Surface.COMPLETIONS, body={"model": "m", "prompt": "hi", "stream": True}, stream=True)
    deltas, _ = await answer(backend, Preset.TGI, call)
    assert [delta["choices"][0]["finish_reason"] for delta in deltas] == [None, None, "eos_token"]


async def test_an_endpoint_that_a_server_has_not_is_not_asked_for(backend: ScriptedBackend) -> None:
    upstream = OpenAiHttp(deployment(backend, server=Preset.TGI))
    reply = await upstream.send(UpstreamCall(surface=Surface.EMBEDDINGS, body={"model": "m", "input": "hi"}))
    (refusal,) = await read(reply)
    assert (reply.status, refusal["error"]["code"]) == (404, "endpoint_not_served")
    assert backend.received == []
    await upstream.close()


async def test_a_request_to_an_unknown_server_is_untouched(backend: ScriptedBackend) -> None:
    upstream = OpenAiHttp(deployment(backend))
    call = chat("hi", stream=True, stop="x")
    assert said(await read(await upstream.send(call))) == "hi"
    assert backend.received[0].json == call.body
    await upstream.close()


SALT = "5a17" * 16


@pytest.mark.parametrize(
    ("preset", "settings"), [*((preset, {}) for preset in Preset), (Preset.VLLM, {"shares_prefixes": True})]
)
@pytest.mark.parametrize("own", [{}, {"cache_salt": "mine"}])
async def test_a_salt_for_servers_that_take_it(
    backend: ScriptedBackend, preset: Preset, settings: dict[str, bool], own: JsonObject
) -> None:
    """What a client sends stands only where the gateway has none to put there."""
    upstream = OpenAiHttp(deployment(backend, server=preset, **settings))
    call = replace(chat("hi", **own), cache_salt=SALT)
    await read(await upstream.send(call))
    salted = SERVERS[preset].salts_prefixes and not settings
    assert backend.received[0].json == ({**call.body, "cache_salt": SALT} if salted else call.body)
    await upstream.close()


@pytest.mark.parametrize("preset", Preset)
async def test_health_is_asked_where_the_server_tells_it(backend: ScriptedBackend, preset: Preset) -> None:
    backend.reply_with(lambda _: script.plain({}))
    upstream = OpenAiHttp(deployment(backend, server=preset))
    assert await upstream.healthy()
    assert backend.received[0].path == (SERVERS[preset].health or "/v1/models")
    backend.reply_with(lambda _: script.error(503, "Loading model"))
    assert not await upstream.healthy()
    await upstream.close()


async def test_health_where_policy_says(backend: ScriptedBackend) -> None:
    backend.reply_with(lambda _: script.plain({}))
    upstream = OpenAiHttp(deployment(backend, server=Preset.VLLM, health_path="/ping"))
    assert await upstream.healthy()
    assert backend.received[0].path == "/ping"
    await upstream.close()
