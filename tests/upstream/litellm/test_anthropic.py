"""Anthropic's protocol over a real socket, translated by litellm."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any

import pytest

from gateway.errors import UnsupportedParameter, UpstreamError, UpstreamProtocolError, UpstreamTruncated, UpstreamUnreachable
from gateway.protocol.wire import Surface
from gateway.upstream.base import Deployment, UpstreamCall
from gateway.upstream.litellm.adapter import LiteLlm
from gateway.upstream.litellm.providers import Provider
from tests.support import anthropic_shapes as anthropic
from tests.support import script
from tests.support.backend import ScriptedBackend
from tests.support.calls import KEY, SECRETS, chat, failure, read, said
from tests.upstream.litellm.conftest import at

TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}}}


async def test_a_plain_answer(backend: ScriptedBackend, claude: LiteLlm) -> None:
    backend.reply_with(anthropic.echo)
    reply = await claude.send(chat("hello 张伟", temperature=0.2, stop="x"))
    (answer,) = await read(reply)
    assert answer["object"] == "chat.completion"
    assert answer["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": "hello 张伟"}, "finish_reason": "stop"}
    ]
    assert answer["usage"] == {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
    (sent,) = backend.received
    assert sent.path == "/v1/messages"
    assert (sent.json["temperature"], sent.json["stop_sequences"], sent.json["model"]) == (0.2, ["x"], "claude-sonnet-4-5")
    assert sent.json["max_tokens"] > 0
    assert sent.headers["x-api-key"] == KEY
    assert "authorization" not in sent.headers


async def test_a_stream(backend: ScriptedBackend, claude: LiteLlm) -> None:
    backend.reply_with(anthropic.echo)
    reply = await claude.send(chat("hello 张伟", stream=True))
    deltas = await read(reply)
    assert said(deltas) == "hello 张伟"
    assert deltas[0]["choices"][0]["delta"]["role"] == "assistant"
    assert {delta["object"] for delta in deltas} == {"chat.completion.chunk"}
    assert len({delta["id"] for delta in deltas}) == 1
    assert deltas[-1]["choices"][0]["finish_reason"] == "stop"
    assert not any("usage" in delta for delta in deltas)
    assert reply.tally is not None
    assert (reply.tally.usage.input_tokens, reply.tally.usage.output_tokens) == (12, 5)


async def test_usage_for_a_client_that_asks(backend: ScriptedBackend, claude: LiteLlm) -> None:
    backend.reply_with(anthropic.echo)
    *_, last = await read(await claude.send(chat("hi", stream=True, stream_options={"include_usage": True})))
    assert last["choices"] == []
    assert last["usage"] == {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}


@pytest.mark.parametrize("stream", [False, True])
async def test_tools(backend: ScriptedBackend, claude: LiteLlm, stream: bool) -> None:
    backend.reply_with(anthropic.calls(lambda text: {"who": text}))
    answer = await read(await claude.send(chat('Ann "B" 张', stream=stream, tools=[TOOL])))
    choice = answer[-1]["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    if stream:
        pieces = [piece for delta in answer for piece in delta["choices"][0]["delta"].get("tool_calls", ())]
        assert {piece["index"] for piece in pieces} == {0}
        assert [piece["id"] for piece in pieces if "id" in piece] == ["toolu_1"]
        arguments = "".join(piece["function"]["arguments"] for piece in pieces)
    else:
        (call,) = choice["message"]["tool_calls"]
        assert (call["id"], call["type"], call["function"]["name"]) == ("toolu_1", "function", "f")
        arguments = call["function"]["arguments"]
    assert json.loads(arguments) == {"who": 'Ann "B" 张'}
    assert backend.received[0].json["tools"][0]["name"] == "f"


async def test_the_results_of_tools_go_back(backend: ScriptedBackend, claude: LiteLlm) -> None:
    backend.reply_with(lambda request: anthropic.message(request, anthropic.text("done")))
    call = {"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": '{"who": "Ann"}'}}
    turns: list[dict[str, Any]] = [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "42"},
    ]
    body = {"model": "m", "messages": turns, "tools": [TOOL]}
    before = json.dumps(body)
    await read(await claude.send(UpstreamCall(surface=Surface.CHAT, body=body)))
    assert json.dumps(body) == before  # another deployment may be asked the same
    sent = backend.received[0].json
    assert sent["system"][0]["text"] == "be kind"
    assert sent["messages"][1]["content"][0]["input"] == {"who": "Ann"}
    assert sent["messages"][2]["content"][0]["content"] == "42"


@pytest.mark.parametrize("status", [400, 413, 429])
async def test_refusals_that_a_client_can_act_on(backend: ScriptedBackend, claude: LiteLlm, status: int) -> None:
    backend.reply_with(anthropic.refusal(status, "invalid_request_error", "too long").with_header("Retry-After", "3"))
    reply = await claude.send(chat("hi", stream=True))
    assert (reply.status, reply.retry_after) == (status, 3)
    (refusal,) = await read(reply)
    assert refusal["error"] == {"message": "too long", "type": "invalid_request_error", "param": None, "code": None}


@pytest.mark.parametrize("status", [401, 403, 500, 529])
async def test_failures_of_the_provider(backend: ScriptedBackend, claude: LiteLlm, status: int) -> None:
    backend.reply_with(anthropic.refusal(status, "overloaded_error", "Alice"))
    assert type(await failure(claude, chat("Alice"))) is UpstreamError


@pytest.mark.parametrize("stream", [False, True])
async def test_what_is_not_anthropics_is_no_answer(backend: ScriptedBackend, claude: LiteLlm, stream: bool) -> None:
    backend.reply_with(script.raw(b'data: {"Alice": 1}\n\n') if stream else script.plain({"Alice": 1}))
    assert isinstance(await failure(claude, chat("hi", stream=stream)), UpstreamError)
    backend.reply_with(script.html(200))
    assert type(await failure(claude, chat("hi", stream=stream))) is UpstreamProtocolError


async def test_a_stream_that_is_cut_off_is_not_whole(backend: ScriptedBackend, claude: LiteLlm) -> None:
    backend.reply_with(lambda request: script.raw(anthropic.echo(request).body.split(b"event: message_delta")[0]))
    assert type(await failure(claude, chat("hi", stream=True))) is UpstreamTruncated


async def test_an_error_in_the_middle_of_a_stream(backend: ScriptedBackend, claude: LiteLlm) -> None:
    backend.reply_with(anthropic.overloaded_while_answering)
    assert type(await failure(claude, chat("hi", stream=True))) is UpstreamError


async def test_hanging_up_reaches_the_provider(backend: ScriptedBackend, claude: LiteLlm) -> None:
    backend.reply_with(lambda request: anthropic.echo(request).slow(0.2))
    reply = await claude.send(chat("a long answer that takes its time", stream=True))
    await anext(reply.body)
    await reply.body.aclose()
    await backend.saw_disconnect()


@pytest.mark.parametrize("surface", [Surface.EMBEDDINGS, Surface.COMPLETIONS, Surface.RESPONSES])
async def test_only_chat_is_served(backend: ScriptedBackend, claude: LiteLlm, surface: Surface) -> None:
    reply = await claude.send(UpstreamCall(surface=surface, body={"model": "m", "input": "hi"}))
    assert reply.status == 404
    assert [answer["error"]["code"] for answer in await read(reply)] == ["endpoint_not_served"]
    assert backend.received == []


@pytest.mark.parametrize("field", [{"functions": []}, {"logit_bias": {"1": 2}}, {"tools": [{"type": "mcp"}]}])
async def test_what_cannot_be_translated_is_the_clients_to_mend(
    backend: ScriptedBackend, claude: LiteLlm, field: dict[str, Any]
) -> None:
    with pytest.raises(UnsupportedParameter):  # perhaps another deployment can
        await claude.send(chat("hi", **field))
    assert backend.received == []


async def test_messages_that_make_no_sense(backend: ScriptedBackend, claude: LiteLlm) -> None:
    body = {"model": "m", "messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": "{Alice"}}]}]}
    with pytest.raises(UnsupportedParameter) as refused:
        await claude.send(UpstreamCall(surface=Surface.CHAT, body=body))
    assert "Alice" not in str(refused.value)
    assert refused.value.__context__ is None or refused.value.__suppress_context__


async def test_keys_and_texts_stay_out_of_logs_and_reprs(
    backend: ScriptedBackend, claude: LiteLlm, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for scripted in (anthropic.overloaded_while_answering, script.error(500, "Alice"), script.plain({"Alice": 1})):
        backend.reply_with(scripted)
        await failure(claude, chat("Alice", stream=True))
    shown = caplog.text + "".join(capfd.readouterr())
    assert re.search("|".join(SECRETS), shown) is None
    assert KEY not in repr(claude) + repr(vars(claude))


async def test_the_environment_holds_no_key_and_no_address(
    backend: ScriptedBackend, claude: LiteLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "sk-of-the-environment")
    for name in ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    backend.reply_with(anthropic.echo)
    assert said(await read(await claude.send(chat("hi", stream=True)))) == "hi"
    assert b"sk-of-the-environment" not in backend.wire_bytes


async def test_a_provider_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="must have an api_key"):
        LiteLlm(Deployment(id="a", base_url="http://127.0.0.1:1", model="claude-x"), Provider.ANTHROPIC)


async def test_a_library_that_cannot_be_loaded(backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Provider) -> None:
        raise ImportError("Alice")

    monkeypatch.setattr("gateway.upstream.litellm.adapter.dialect_of", broken)
    adapter = LiteLlm(at(backend, "claude-x"), Provider.ANTHROPIC)
    assert type(await failure(adapter, chat("hi"))) is UpstreamUnreachable
    await adapter.close()


async def test_after_it_is_closed(backend: ScriptedBackend, claude: LiteLlm) -> None:
    assert await claude.healthy()
    await claude.close()
    assert type(await failure(claude, chat("hi"))) is UpstreamUnreachable
    assert backend.received == []


async def test_many_at_once_keep_apart(backend: ScriptedBackend, claude: LiteLlm) -> None:
    backend.reply_with(anthropic.echo)

    async def one(name: str) -> str:
        return said(await read(await claude.send(chat(name, stream=True))))

    names = [f"number {n}" for n in range(20)]
    assert await asyncio.gather(*map(one, names)) == names
