"""litellm's answers and chunks as plain JSON in OpenAI's shape, and no more than that: its objects also hold what providers
said in their own words, which nobody here would have looked at. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.protocol.usage import Tally
from gateway.protocol.wire import JsonObject, Surface

_SAID = ("role", "content", "reasoning_content", "refusal")
_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def plain_answer(answer: Any, model: str) -> JsonObject:
    """A whole answer. Raises ValueError for one without any choice."""
    dumped = answer.model_dump()
    if not dumped["choices"]:
        raise ValueError("the answer has no choice")
    choices = [
        {
            "index": place,
            "message": {"role": "assistant", "content": None, **_said(choice["message"], whole=True)},
            "finish_reason": choice.get("finish_reason") or "stop",
        }
        for place, choice in enumerate(dumped["choices"])
    ]
    head = _head(dumped, model, "chat.completion")
    return {**head, "choices": choices, "usage": _usage(dumped.get("usage") or {})}


class PlainChunks:
    """The chunks of one stream. Usage is put together, and told once, after the last choice, if the client asked for it.

    Bedrock tells it by itself in the end, the others with the finish reason.
    """

    def __init__(self, model: str, *, with_usage: bool) -> None:
        self.tally = Tally(Surface.CHAT)
        self._model = model
        self._with_usage = with_usage
        self._usage: dict[str, int] = {}
        self._spoke = self._finished = self._counted = False

    def of(self, chunks: Iterable[Any]) -> list[JsonObject]:
        """The deltas of these chunks; most providers' chunks have nothing to say."""
        deltas = []
        for chunk in chunks:
            if chunk is not None:
                deltas += self._deltas(chunk.model_dump())
        for delta in deltas:
            self.tally.see(delta)
        return deltas if self._with_usage else [delta for delta in deltas if delta["choices"]]

    def _deltas(self, dumped: JsonObject) -> list[JsonObject]:
        self._count(dumped.get("usage") or {})
        head = _head(dumped, self._model, "chat.completion.chunk")
        choices = [each for each in map(self._choice, dumped.get("choices") or ()) if each is not None]
        deltas = [{**head, "choices": choices}] if choices else []
        self._finished = self._finished or any(choice["finish_reason"] is not None for choice in choices)
        if self._finished and not self._counted and any(self._usage.values()):
            self._counted = True
            deltas.append({**head, "choices": [], "usage": _usage(self._usage)})
        return deltas

    def _choice(self, choice: JsonObject) -> JsonObject | None:
        said, reason = _said(choice.get("delta") or {}, whole=False), choice.get("finish_reason")
        if not said and reason is None:
            return None
        if not self._spoke:
            self._spoke, said = True, {"role": "assistant", **said}
        return {"index": choice.get("index") or 0, "delta": said, "finish_reason": reason}

    def _count(self, usage: JsonObject) -> None:
        """Providers say what was read at the beginning and what was written at the end; the other count is then 0."""
        for name in _COUNTS[:2]:
            self._usage[name] = max(self._usage.get(name, 0), usage.get(name) or 0)


def _head(dumped: JsonObject, model: str, kind: str) -> JsonObject:
    return {"id": dumped.get("id"), "object": kind, "created": dumped.get("created"), "model": model}


def _said(message: JsonObject, *, whole: bool) -> JsonObject:
    said: JsonObject = {name: message[name] for name in _SAID if message.get(name)}
    said.pop("role", None)
    calls = [_call(place, call, whole=whole) for place, call in enumerate(message.get("tool_calls") or ())]
    return {**said, "tool_calls": calls} if calls else said


def _call(place: int, call: JsonObject, *, whole: bool) -> JsonObject:
    function = call.get("function") or {}
    spoken = {name: function[name] for name in ("name", "arguments") if function.get(name) is not None}
    named = {"id": call["id"], "type": "function"} if call.get("id") else {}
    at = {} if whole else {"index": call["index"] if call.get("index") is not None else place}
    return {**at, **named, "function": spoken}


def _usage(usage: JsonObject) -> JsonObject:
    read, written = (usage.get(name) or 0 for name in _COUNTS[:2])
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
