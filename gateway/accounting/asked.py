"""What a model reads of a request: texts, and how many messages stand around them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.protocol.wire import JsonObject, Surface

PER_MESSAGE = 5
PER_ANSWER = 3
"""What a chat template writes around each message, its role among it, and before the answer: exact for ChatML (Qwen, SmolLM)
and about right for Llama 3. It is an approximation: templates also add texts of their own, such as a system message where
there is none, or instructions for tools. docs/cost.md says by how much it was wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`overhead` are tokens that stand in no text."""

    texts: tuple[str, ...] = field(repr=False)
    overhead: int = 0

    @property
    def length(self) -> int:
        return sum(map(len, self.texts))


def asked(request: JsonObject, surface: Surface) -> Asked:
    """Of a request whose shape was checked; what it does not know it leaves out."""
    if surface in (Surface.COMPLETIONS, Surface.EMBEDDINGS):
        said = request.get("prompt" if surface is Surface.COMPLETIONS else "input")
        prompts = said if isinstance(said, list) else [said]
        ids = sum(len(one) if isinstance(one, list) else isinstance(one, int) for one in prompts)
        return Asked(tuple(one for one in prompts if isinstance(one, str)), ids)
    if surface is Surface.MODERATIONS:
        return Asked(tuple(_message({"content": request.get("input")})))
    return _chat(request, "messages" if surface is Surface.CHAT else "input")


def _chat(request: JsonObject, field: str) -> Asked:
    said = request.get(field)
    messages = said if isinstance(said, list) else [{"content": said}]
    instructions = request.get("instructions")
    if isinstance(instructions, str) and instructions:
        messages = [{"content": instructions}, *messages]
    tools = request.get("tools") or request.get("functions")
    texts = [text for message in messages if isinstance(message, dict) for text in _message(message)]
    if isinstance(tools, list) and tools:
        texts.append(orjson.dumps(tools).decode())
    return Asked(tuple(texts), PER_MESSAGE * len(messages) + PER_ANSWER)


def _message(message: Mapping[str, Any]) -> Iterator[str]:
    content = message.get("content")
    for part in content if isinstance(content, list) else [content]:
        text = part.get("text") if isinstance(part, dict) else part
        if isinstance(text, str):
            yield text
    for name in ("name", "arguments", "output"):
        if isinstance(message.get(name), str):
            yield message[name]
    calls = message.get("tool_calls")
    if isinstance(calls, list) and calls:
        yield orjson.dumps(calls).decode()
