"""Answers in OpenAI's shapes, plain and as the deltas of a stream, built from a request and the texts to say.

The responses surface, which has its own vocabulary, is in `response_shapes`.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

Json = dict[str, Any]

REPLY_ID = "reply-1"
CREATED = 1_700_000_000
DIMENSIONS = 8


@dataclass(frozen=True)
class ToolCall:
    """A call that the scripted model makes; `arguments` is the text that a model would write: JSON, or not."""

    name: str
    arguments: str
    id: str = "call_1"


def pieces(text: str, size: int) -> list[str]:
    """The text in deltas of `size` characters."""
    return [text[start : start + size] for start in range(0, len(text), size)]


def text_of(content: Any) -> str:
    """A message's content: a string, or parts whose texts are joined."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part.get("text", "") for part in parts if isinstance(part, dict))


def tokens(text: str) -> int:
    return max(1, len(text) // 4)


# --- what the echo says -------------------------------------------------------------------------------------------


def echo_texts(surface: str, request: Json) -> list[str]:
    """One text for each choice: the last user message, the prompt, or the input."""
    if surface == "completions":
        prompt = request.get("prompt", "")
        prompts = prompt if isinstance(prompt, list) else [prompt]
        return [str(each) for each in prompts for _ in range(request.get("n") or 1)]
    if surface == "responses":
        return [_response_input(request.get("input", ""))]
    return [_last_user_text(request)] * (request.get("n") or 1)


def _last_user_text(request: Json) -> str:
    said = [message for message in request.get("messages", []) if message.get("role") == "user"]
    return text_of(said[-1].get("content")) if said else ""


def _response_input(given: Any) -> str:
    if isinstance(given, str):
        return given
    said = [item for item in given if item.get("role", "user") == "user" and "content" in item]
    return text_of(said[-1]["content"]) if said else ""


def prompt_text(surface: str, request: Json) -> str:
    return "".join(echo_texts(surface, {**request, "n": 1}))


# --- chat and completions -----------------------------------------------------------------------------------------


def _usage(request: Json, surface: str, said: str) -> Json:
    given = tokens(prompt_text(surface, request))
    return {"prompt_tokens": given, "completion_tokens": tokens(said), "total_tokens": given + tokens(said)}


def _head(request: Json, kind: str) -> Json:
    return {"id": REPLY_ID, "object": kind, "created": CREATED, "model": request.get("model", "echo")}


def chat(request: Json, texts: Sequence[str], calls: Sequence[ToolCall] = ()) -> Json:
    """A plain chat completion; with `calls`, every choice makes them all."""
    choices = [
        {"index": index, "message": _message(text, calls), "logprobs": None, "finish_reason": _reason(calls)}
        for index, text in enumerate(texts)
    ]
    usage = _usage(request, "chat/completions", "".join(texts))
    return {**_head(request, "chat.completion"), "choices": choices, "usage": usage}


def _reason(calls: Sequence[ToolCall]) -> str:
    return "tool_calls" if calls else "stop"


def _message(text: str, calls: Sequence[ToolCall]) -> Json:
    if not calls:
        return {"role": "assistant", "content": text}
    made = [{"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}} for call in calls]
    return {"role": "assistant", "content": text or None, "tool_calls": made}


def chat_deltas(request: Json, texts: Sequence[str], calls: Sequence[ToolCall] = (), size: int = 4) -> list[Json]:
    """The chunks of a streamed chat completion: choices, and the fragments of several calls, take turns."""
    said = [_said(text, calls, size) for text in texts]
    deltas: list[tuple[int, Json, str | None]] = [
        (index, {"role": "assistant", "content": ""}, None) for index in range(len(texts))
    ]
    deltas += [(index, delta, None) for turn in zip_longest(*said) for index, delta in enumerate(turn) if delta]
    deltas += [(index, {}, _reason(calls)) for index in range(len(texts))]
    chunks = [[{"index": index, "delta": delta, "logprobs": None, "finish_reason": reason}] for index, delta, reason in deltas]
    return _with_usage(request, "chat/completions", "chat.completion.chunk", chunks, "".join(texts))


def _said(text: str, calls: Sequence[ToolCall], size: int) -> list[Json]:
    openings: list[Json] = [
        {"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        for index, call in enumerate(calls)
    ]
    turns = zip_longest(*(pieces(call.arguments, size) for call in calls))
    fragments = [
        {"index": index, "function": {"arguments": fragment}}
        for turn in turns
        for index, fragment in enumerate(turn)
        if fragment
    ]
    return [{"content": piece} for piece in pieces(text, size)] + [
        {"tool_calls": [fragment]} for fragment in openings + fragments
    ]


def completion(request: Json, texts: Sequence[str]) -> Json:
    choices = [{"index": index, "text": text, "logprobs": None, "finish_reason": "stop"} for index, text in enumerate(texts)]
    usage = _usage(request, "completions", "".join(texts))
    return {**_head(request, "text_completion"), "choices": choices, "usage": usage}


def completion_deltas(request: Json, texts: Sequence[str], size: int = 4) -> list[Json]:
    turns = zip_longest(*(pieces(text, size) for text in texts))
    said = [(index, piece, None) for turn in turns for index, piece in enumerate(turn) if piece]
    ends = [(index, "", "stop") for index in range(len(texts))]
    chunks = [
        [{"index": index, "text": piece, "logprobs": None, "finish_reason": reason}] for index, piece, reason in [*said, *ends]
    ]
    return _with_usage(request, "completions", "text_completion", chunks, "".join(texts))


def _with_usage(request: Json, surface: str, kind: str, chunks: list[list[Json]], said: str) -> list[Json]:
    """With stream_options.include_usage, every chunk has a null usage and one more, without choices, has the counts."""
    head = _head(request, kind)
    if not (request.get("stream_options") or {}).get("include_usage"):
        return [{**head, "choices": choices} for choices in chunks]
    counted = {**head, "choices": [], "usage": _usage(request, surface, said)}
    return [{**head, "choices": choices, "usage": None} for choices in chunks] + [counted]


# --- embeddings and models ----------------------------------------------------------------------------------------


def embeddings(request: Json) -> Json:
    """Vectors that depend on the text alone; base64 where asked for, as the OpenAI SDK does."""
    given = request.get("input", "")
    several = isinstance(given, list) and not all(isinstance(each, int) for each in given)
    texts = [str(each) for each in (given if several else [given])]
    as_text = request.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(vector(text)) if as_text else vector(text)}
        for index, text in enumerate(texts)
    ]
    used = tokens("".join(texts))
    usage = {"prompt_tokens": used, "total_tokens": used}
    return {"object": "list", "data": data, "model": request.get("model", "echo"), "usage": usage}


def vector(text: str) -> list[float]:
    """A small vector of exact binary fractions between 0 and 1."""
    return [byte / 256 for byte in hashlib.sha256(text.encode()).digest()[:DIMENSIONS]]


def _packed(values: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def models() -> Json:
    return {"object": "list", "data": [{"id": "echo", "object": "model", "created": CREATED, "owned_by": "tests"}]}
