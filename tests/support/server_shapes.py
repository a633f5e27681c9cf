"""How servers of models write what OpenAI writes otherwise: pieces of answers, each after the source that is named.

Ids, times and texts are made up; names, types and order are the servers'.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

USAGE: Json = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


def chunk(delta: Json, reason: str | None = None, **fields: Any) -> Json:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **fields}


def call(arguments: Any, *, name: str | None = None, **fields: Any) -> Json:
    function = {"arguments": arguments} if name is None else {"name": name, "arguments": arguments}
    return {"type": "function", **fields, "function": function}


def usage_chunk() -> Json:
    """vLLM, SGLang, Ollama, llama.cpp, LocalAI and TGI: the last event, where it was asked for."""
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], "usage": USAGE}


def tgi_2_calls() -> list[Json]:
    """TGI 2.4, from its issue 2794: one call without a list, an empty id, `name: null`, and `stop` in the end."""
    said = [("f", "{"), (None, '"city": "Bern"'), (None, "}")]
    events = [
        chunk(
            {
                "role": "assistant",
                "tool_calls": {"index": 0, "id": "", "type": "function", "function": {"name": n, "arguments": a}},
            }
        )
        for n, a in said
    ]
    return [*events, chunk({"role": "assistant", "content": ""}, "stop")]


def tgi_3_calls() -> list[Json]:
    """TGI 3.3, `router/src/chat.rs`: the id with every piece, `name: null` after the first, and `stop` in the end."""
    said = [("f", "{"), (None, '"city": "Bern"'), (None, "}")]
    events = [
        chunk(
            {
                "role": "assistant",
                "tool_calls": [{"index": 0, "id": "0", "type": "function", "function": {"name": n, "arguments": a}}],
            }
        )
        for n, a in said
    ]
    return [*events, chunk({"role": "assistant", "content": ""}, "stop")]


def ollama_calls() -> list[Json]:
    """Ollama, from its issue 15457: each call whole, and every one with index 0."""
    calls = [call(f'{{"city": "{city}"}}', name="f", id=f"call_{city}", index=0) for city in ("Bern", "Rome")]
    return [*(chunk({"role": "assistant", "content": "", "tool_calls": [each]}) for each in calls), chunk({}, "tool_calls")]


def old_ollama_calls() -> list[Json]:
    """Ollama before 0.4.7, from its issue 7881: the same without an index."""
    events = ollama_calls()
    for event in events[:-1]:
        del event["choices"][0]["delta"]["tool_calls"][0]["index"]
    return events


def localai_calls() -> list[Json]:
    """LocalAI, `chat_emit.go`: the id also with the arguments, which have an empty name."""
    head = {"role": "assistant", "tool_calls": [call("", name="f", index=0, id="call_1")]}
    rest = {"role": "assistant", "tool_calls": [call('{"city": "Bern"}', name="", index=0, id="call_1")]}
    return [chunk(head), chunk(rest), chunk({}, "tool_calls")]


def xinference_calls() -> list[Json]:
    """Xinference, `model/llm/utils.py`: the id with every piece, and `usage: null`."""
    head = {"role": "assistant", "content": "", "tool_calls": [call("", name="f", index=0, id="call_1")]}
    rest = {"role": "assistant", "content": "", "tool_calls": [call('{"city": "Bern"}', index=0, id="call_1")]}
    return [
        chunk(head, usage=None),
        chunk(rest, usage=None),
        chunk({"content": "", "tool_calls": []}, "tool_calls", usage=None),
    ]


def sglang_calls() -> list[Json]:
    """SGLang, `serving_chat.py`: as OpenAI does, with null for what was said."""
    head = {"role": None, "content": None, "tool_calls": [call("", name="f", index=0, id="call_1")]}
    rest = {
        "tool_calls": [
            {"id": None, "index": 0, "type": "function", "function": {"name": None, "arguments": '{"city": "Bern"}'}}
        ]
    }
    return [chunk(head), chunk(rest), chunk({}, "tool_calls")]


def tgi_text(pieces: list[str]) -> list[Json]:
    """TGI, `completions` in `router/src/server.rs`: `""` as finish reason of what goes on, usage with the last choice."""
    head: Json = {"id": "", "object": "text_completion", "created": 1, "model": "m", "system_fingerprint": "3.3.6-native"}
    events = [{**head, "choices": [{"text": each, "index": 0, "logprobs": None, "finish_reason": ""}]} for each in pieces]
    last = {"text": "", "index": 0, "logprobs": None, "finish_reason": "eos_token"}
    return [*events, {**head, "choices": [last], "usage": USAGE}]


def ollama_text() -> list[Json]:
    """Ollama, `CompleteWriter` in `middleware/openai.go`: with usage asked for, zeros come with every choice."""
    head: Json = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m", "system_fingerprint": "fp_ollama"}
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    said = [("he", None), ("llo", None), ("", "stop")]
    events = [{**head, "choices": [{"text": t, "index": 0, "finish_reason": r}], "usage": zeros} for t, r in said]
    return [*events, {**head, "choices": [], "usage": USAGE}]


def vllm_reasoning() -> list[Json]:
    """vLLM, `entrypoints/openai/responses/protocol.py`: a part of reasoning has events of its own, and usage counts by turn."""
    at = {"item_id": "rs_1", "output_index": 0}
    kind = "response.reasoning_"
    item: Json = {"id": "rs_1", "type": "reasoning", "summary": [], "content": None, "status": "in_progress"}
    usage = {
        "input_tokens": 7,
        "input_tokens_details": {"cached_tokens": 0, "input_tokens_per_turn": [7], "cached_tokens_per_turn": [0]},
        "output_tokens": 3,
        "output_tokens_details": {
            "reasoning_tokens": 2,
            "tool_output_tokens": 0,
            "output_tokens_per_turn": [3],
            "tool_output_tokens_per_turn": [],
        },
        "total_tokens": 10,
    }
    events: list[Json] = [
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": f"{kind}part.added", **at, "content_index": 0, "part": {"type": "reasoning_text", "text": ""}},
        {"type": f"{kind}text.delta", **at, "content_index": 0, "delta": "so"},
        {"type": f"{kind}text.done", **at, "content_index": 0, "text": "so"},
        {"type": f"{kind}part.done", **at, "content_index": 0, "part": {"type": "reasoning_text", "text": "so"}},
        {"type": "response.completed", "response": {"id": "resp_1", "object": "response", "output": [], "usage": usage}},
    ]
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]
