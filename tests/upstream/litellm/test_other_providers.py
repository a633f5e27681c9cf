"""Gemini's and Bedrock's protocols over a real socket. The answers are made after the providers' references."""

from __future__ import annotations

import binascii
import struct
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from gateway.errors import UpstreamError, UpstreamTruncated
from gateway.upstream.litellm.adapter import LiteLlm
from gateway.upstream.litellm.providers import Provider
from tests.support import script
from tests.support.backend import ScriptedBackend
from tests.support.calls import KEY, chat, failure, read, said
from tests.upstream.litellm.conftest import at

TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {"who": {"type": "string"}}}},
}


def gemini_answer(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse"""
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0, **fields}
    usage = {"promptTokenCount": 12, "candidatesTokenCount": 5, "totalTokenCount": 17}
    return {"candidates": [candidate], "usageMetadata": usage, "responseId": "r-1", "modelVersion": "gemini-2.5-flash"}


@pytest.fixture
async def gemini(backend: ScriptedBackend) -> AsyncIterator[LiteLlm]:
    adapter = LiteLlm(at(backend, "gemini-2.5-flash"), Provider.GEMINI)
    yield adapter
    await adapter.close()


async def test_gemini_answers(backend: ScriptedBackend, gemini: LiteLlm) -> None:
    backend.reply_with(script.plain(gemini_answer({"text": "hello 张伟"}, finishReason="STOP")))
    (answer,) = await read(await gemini.send(chat("hi")))
    assert answer["choices"][0]["message"]["content"] == "hello 张伟"
    assert answer["usage"] == {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
    (sent,) = backend.received
    assert sent.path == "/models/gemini-2.5-flash:generateContent"
    assert sent.headers["x-goog-api-key"] == KEY
    assert sent.json["contents"] == [{"role": "user", "parts": [{"text": "hi"}]}]


async def test_gemini_streams(backend: ScriptedBackend, gemini: LiteLlm) -> None:
    events = [gemini_answer({"text": "hello "}), gemini_answer({"text": "张伟"}, finishReason="STOP")]
    backend.reply_with(script.deltas(events, done=False))
    deltas = await read(await gemini.send(chat("hi", stream=True, stream_options={"include_usage": True})))
    assert said(deltas) == "hello 张伟"
    assert deltas[-1]["usage"] == {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
    assert backend.received[0].path == "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    assert KEY not in backend.received[0].path


async def test_a_stream_of_geminis_that_is_cut_off_is_not_whole(backend: ScriptedBackend, gemini: LiteLlm) -> None:
    backend.reply_with(script.deltas([gemini_answer({"text": "hello "})], done=False))
    assert type(await failure(gemini, chat("hi", stream=True))) is UpstreamTruncated


async def test_gemini_calls_tools(backend: ScriptedBackend, gemini: LiteLlm) -> None:
    called = gemini_answer({"functionCall": {"name": "f", "args": {"who": "张伟"}}}, finishReason="STOP")
    backend.reply_with(script.plain(called))
    (answer,) = await read(await gemini.send(chat("hi", tools=[TOOL])))
    choice = answer["choices"][0]
    (call,) = choice["message"]["tool_calls"]
    assert orjson.loads(call["function"]["arguments"]) == {"who": "张伟"}
    assert choice["finish_reason"] == "tool_calls"


def frame(kind: str, payload: dict[str, Any], message_type: str = "event") -> bytes:
    """One frame: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html"""
    named = {":event-type": kind, ":content-type": "application/json", ":message-type": message_type}
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in named.items()
    )
    body = orjson.dumps(payload)
    prelude = struct.pack("!II", 16 + len(headers) + len(body), len(headers))
    framed = prelude + struct.pack("!I", binascii.crc32(prelude)) + headers + body
    return framed + struct.pack("!I", binascii.crc32(framed))


SPOKEN = [
    frame("messageStart", {"role": "assistant"}),
    frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "hello "}}),
    frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "张伟"}}),
    frame("contentBlockStop", {"contentBlockIndex": 0}),
    frame("messageStop", {"stopReason": "end_turn"}),
    frame("metadata", {"usage": {"inputTokens": 12, "outputTokens": 5, "totalTokens": 17}, "metrics": {"latencyMs": 1}}),
]
AMAZON = "application/vnd.amazon.eventstream"


@pytest.fixture
async def bedrock(backend: ScriptedBackend) -> AsyncIterator[LiteLlm]:
    adapter = LiteLlm(at(backend, "eu.anthropic.claude-sonnet-4-5-v1:0"), Provider.BEDROCK)
    yield adapter
    await adapter.close()


async def test_bedrock_answers(backend: ScriptedBackend, bedrock: LiteLlm) -> None:
    message = {"role": "assistant", "content": [{"text": "hello 张伟"}]}
    usage = {"inputTokens": 12, "outputTokens": 5, "totalTokens": 17}
    backend.reply_with(script.plain({"output": {"message": message}, "stopReason": "end_turn", "usage": usage}))
    (answer,) = await read(await bedrock.send(chat("hi")))
    assert answer["choices"][0]["message"]["content"] == "hello 张伟"
    assert answer["usage"]["total_tokens"] == 17
    (sent,) = backend.received
    assert sent.path == "/model/eu.anthropic.claude-sonnet-4-5-v1%3A0/converse"
    assert sent.headers["authorization"] == f"Bearer {KEY}"


async def test_bedrock_streams(backend: ScriptedBackend, bedrock: LiteLlm) -> None:
    backend.reply_with(script.raw(b"".join(SPOKEN), AMAZON).cut_every(7))
    reply = await bedrock.send(chat("hi", stream=True))
    deltas = await read(reply)
    assert said(deltas) == "hello 张伟"
    assert deltas[-1]["choices"][0]["finish_reason"] == "stop"
    assert reply.tally is not None
    assert reply.tally.usage.input_tokens == 12


async def test_a_call_of_bedrocks_that_says_nothing_of_arguments_has_none(backend: ScriptedBackend, bedrock: LiteLlm) -> None:
    """As its whole answer says it, and before the next call begins."""
    called = [
        frame("contentBlockStart", {"contentBlockIndex": nth, "start": {"toolUse": {"name": "f", "toolUseId": f"t_{nth}"}}})
        + frame("contentBlockStop", {"contentBlockIndex": nth})
        for nth in (0, 1)
    ]
    backend.reply_with(script.raw(SPOKEN[0] + b"".join(called) + frame("messageStop", {"stopReason": "tool_use"}), AMAZON))
    deltas = await read(await bedrock.send(chat("hi", stream=True, tools=[TOOL])))
    pieces = [call for delta in deltas for choice in delta["choices"] for call in choice["delta"].get("tool_calls", ())]
    assert [(call["index"], call.get("id"), call["function"].get("arguments") or "") for call in pieces] == [
        (0, "t_0", ""),
        (0, None, "{}"),
        (1, "t_1", ""),
        (1, None, "{}"),
    ]
    assert deltas[-1]["choices"][0]["finish_reason"] == "tool_calls"


async def test_what_comes_behind_a_call_of_bedrocks_adds_nothing_to_it(backend: ScriptedBackend, bedrock: LiteLlm) -> None:
    frames = [
        SPOKEN[0],
        frame("contentBlockStart", {"contentBlockIndex": 0, "start": {"toolUse": {"name": "f", "toolUseId": "t_0"}}}),
        frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": ""}}}),
        frame("contentBlockStop", {"contentBlockIndex": 0}),
        frame("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "One moment."}}),
        frame("contentBlockStop", {"contentBlockIndex": 1}),
        frame("messageStop", {"stopReason": "tool_use"}),
    ]
    backend.reply_with(script.raw(b"".join(frames), AMAZON))
    deltas = await read(await bedrock.send(chat("hi", stream=True, tools=[TOOL])))
    pieces = [call for delta in deltas for choice in delta["choices"] for call in choice["delta"].get("tool_calls", ())]
    assert "".join(call["function"].get("arguments") or "" for call in pieces) == "{}"
    assert said(deltas) == "One moment."


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_in_json_of_bedrocks_calls_no_tool(backend: ScriptedBackend, bedrock: LiteLlm, stream: bool) -> None:
    """litellm asks for it by a tool of its own, and hands on the arguments as the answer."""
    use = {"name": "json_tool_call", "toolUseId": "t_0"}
    frames = [
        SPOKEN[0],
        frame("contentBlockStart", {"contentBlockIndex": 0, "start": {"toolUse": use}}),
        *(
            frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": said}}})
            for said in ('{"a":', " 1}")
        ),
        frame("contentBlockStop", {"contentBlockIndex": 0}),
        frame("messageStop", {"stopReason": "tool_use"}),
    ]
    message = {"role": "assistant", "content": [{"toolUse": {**use, "input": {"a": 1}}}]}
    usage = {"inputTokens": 12, "outputTokens": 5, "totalTokens": 17}
    plain = {"output": {"message": message}, "stopReason": "tool_use", "usage": usage}
    backend.reply_with(script.raw(b"".join(frames), AMAZON) if stream else script.plain(plain))
    answer = await read(await bedrock.send(chat("hi", stream=stream, response_format={"type": "json_object"})))
    choice = answer[-1]["choices"][0]
    assert orjson.loads(said(answer) if stream else choice["message"]["content"]) == {"a": 1}
    assert choice["finish_reason"] == "stop"


async def test_an_exception_in_a_stream_of_bedrocks(backend: ScriptedBackend, bedrock: LiteLlm) -> None:
    told = frame("throttlingException", {"message": "Alice was too much"}, "exception")
    backend.reply_with(script.raw(b"".join(SPOKEN[:2]) + told, AMAZON))
    assert type(await failure(bedrock, chat("hi", stream=True))) is UpstreamError
