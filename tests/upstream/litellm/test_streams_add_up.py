"""A provider's stream adds up to its whole answer, however it is cut: texts, thoughts, and calls of tools with their arguments."""

from __future__ import annotations

import json
from itertools import pairwise
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk

from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.base import UpstreamCall
from gateway.upstream.litellm.dialect import Asked
from gateway.upstream.litellm.providers import Provider, dialect_of
from gateway.upstream.litellm.reading import ChunkReader, read_whole
from gateway.upstream.litellm.request import wish_of
from tests.support import spoken
from tests.upstream.litellm.test_other_providers import TOOL, frame

MODELS = {
    Provider.ANTHROPIC: "claude-sonnet-4-5",
    Provider.GEMINI: "gemini-2.5-flash",
    Provider.BEDROCK: "eu.anthropic.claude-sonnet-4-5-v1:0",
}
Block = tuple[str, Any]
Answered = tuple[JsonObject, bytes]
"""As a whole, and streamed."""


def blocks(random: Random) -> list[Block]:
    """A thought, texts and calls, in this order, as models answer."""
    found: list[Block] = [("thought", spoken.text(random))] if random.random() < 0.4 else []
    found += [("text", spoken.text(random)) for _ in range(random.choice([0, 1, 2]))]
    arguments = ({"a": spoken.text(random, 6), "b": [1, None]} if random.random() < 0.8 else {} for _ in range(3))
    return [
        *found,
        *(("call", given) for given in list(arguments)[: random.choice([0, 1, 3])]),
        ("text", "." * random.randint(0, 1)),
    ]


def written(random: Random, arguments: JsonObject) -> list[str]:
    """Servers say nothing, or an empty text, of arguments that there are none of."""
    if not arguments:
        return random.choice([[], [""]])
    return spoken.cut(random, json.dumps(arguments, ensure_ascii=random.random() < 0.5))


def anthropic(random: Random, said: list[Block]) -> Answered:
    head: JsonObject = {"id": "m", "type": "message", "role": "assistant", "model": "x", "stop_sequence": None}
    content: list[JsonObject] = []
    events: list[JsonObject] = [{"type": "message_start", "message": {**head, "content": [], "usage": {"input_tokens": 12}}}]
    deltas: list[JsonObject]
    whole: JsonObject
    empty: JsonObject
    for nth, (kind, what) in enumerate(said):
        if kind == "thought":
            whole, empty = {"type": "thinking", "thinking": what}, {"thinking": ""}
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in spoken.cut(random, what)]
        elif kind == "text":
            whole, empty = {"type": "text", "text": what}, {"text": ""}
            deltas = [{"type": "text_delta", "text": piece} for piece in spoken.cut(random, what)]
        else:
            whole, empty = {"type": "tool_use", "id": f"t{nth}", "name": "f", "input": what}, {"input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in written(random, what)]
        content.append(whole)
        events.append({"type": "content_block_start", "index": nth, "content_block": {**whole, **empty}})
        events += [{"type": "content_block_delta", "index": nth, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": nth})
    reason = "tool_use" if any(kind == "call" for kind, _ in said) else "end_turn"
    events += [
        {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]
    answer = {**head, "content": content, "stop_reason": reason, "usage": {"input_tokens": 12, "output_tokens": 5}}
    return answer, b"".join(b"event: %b\ndata: %b\n\n" % (str(one["type"]).encode(), orjson.dumps(one)) for one in events)


def gemini(random: Random, said: list[Block]) -> Answered:
    """It says the arguments of a call all at once."""

    def answer(parts: list[JsonObject], **more: str) -> JsonObject:
        usage = {"promptTokenCount": 12, "candidatesTokenCount": 5, "totalTokenCount": 17}
        return {"candidates": [{"content": {"role": "model", "parts": parts}, "index": 0, **more}], "usageMetadata": usage}

    parts: list[JsonObject] = []
    events: list[JsonObject] = []
    for kind, what in said:
        if kind == "call":
            parts.append({"functionCall": {"name": "f", "args": what}})
            events.append(answer(parts[-1:]))
        else:
            thought = {"thought": True} if kind == "thought" else {}
            parts.append({"text": what, **thought})
            events += [answer([{"text": piece, **thought}]) for piece in spoken.cut(random, what)]
    events.append(answer([{"text": ""}], finishReason="STOP"))
    return answer(parts, finishReason="STOP"), b"".join(b"data: %b\r\n\r\n" % orjson.dumps(one) for one in events)


def bedrock(random: Random, said: list[Block]) -> Answered:
    content: list[JsonObject] = []
    deltas: list[JsonObject]
    stream = frame("messageStart", {"role": "assistant"})
    for nth, (kind, what) in enumerate(said):
        if kind == "thought":
            content.append({"reasoningContent": {"reasoningText": {"text": what}}})
            deltas = [{"reasoningContent": {"text": piece}} for piece in spoken.cut(random, what)]
        elif kind == "text":
            content.append({"text": what})
            deltas = [{"text": piece} for piece in spoken.cut(random, what)]
        else:
            use = {"name": "f", "toolUseId": f"t{nth}"}
            content.append({"toolUse": {**use, "input": what}})
            stream += frame("contentBlockStart", {"contentBlockIndex": nth, "start": {"toolUse": use}})
            deltas = [{"toolUse": {"input": piece}} for piece in written(random, what)]
        stream += b"".join(frame("contentBlockDelta", {"contentBlockIndex": nth, "delta": delta}) for delta in deltas)
        stream += frame("contentBlockStop", {"contentBlockIndex": nth})
    reason = "tool_use" if any(kind == "call" for kind, _ in said) else "end_turn"
    usage = {"inputTokens": 12, "outputTokens": 5, "totalTokens": 17}
    stream += frame("messageStop", {"stopReason": reason}) + frame("metadata", {"usage": usage, "metrics": {"latencyMs": 1}})
    message = {"role": "assistant", "content": content}
    return {"output": {"message": message}, "stopReason": reason, "usage": usage}, stream


PROVIDERS = {Provider.ANTHROPIC: anthropic, Provider.GEMINI: gemini, Provider.BEDROCK: bedrock}


def asked(provider: Provider, *, stream: bool) -> Asked:
    dialect, model = dialect_of(provider), MODELS[provider]
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "tools": [TOOL]}
    wish = wish_of(body, model, dialect.supported(model), stream=stream)
    call = UpstreamCall(surface=Surface.CHAT, body={**body, "stream_options": {"include_usage": True}}, stream=stream)
    return Asked(dialect=dialect, wish=wish, wire=dialect.wire(wish, "key"), call=call)


def told(message: JsonObject) -> list[Any]:
    """Gemini has no ids of calls: litellm makes some up."""
    calls = [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in message.get("tool_calls") or ()]
    return [message.get("content") or "", message.get("reasoning_content") or "", calls]


@pytest.mark.parametrize("provider", PROVIDERS)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_stream_adds_up_to_the_whole_answer(provider: Provider, seed: int) -> None:
    random = Random(seed)
    answer, stream = PROVIDERS[provider](random, blocks(random))
    whole = read_whole(asked(provider, stream=False), orjson.dumps(answer))
    reader, state = ChunkReader(asked(provider, stream=True), 2**20), ChatCompletionStreamState()
    edges = [0, *sorted(random.randint(0, len(stream)) for _ in range(random.choice([0, 5, 40]))), len(stream)]
    deltas = [delta for start, end in pairwise(edges) if end > start for delta in reader.feed(stream[start:end])]
    for delta in [*deltas, *reader.finish()]:
        list(state.handle_chunk(ChatCompletionChunk.model_validate(delta)))
    streamed = state.current_completion_snapshot.model_dump()
    assert told(streamed["choices"][0]["message"]) == told(whole["choices"][0]["message"])
    assert streamed["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert deltas[-1]["usage"] == whole["usage"]
