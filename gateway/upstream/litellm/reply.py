"""litellm's answers and chunks as plain JSON in OpenAI's shape, and no more than that: its objects also hold what providers
said in their own words, which nobody here would have looked at. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from gateway.protocol.usage import Tally
from gateway.protocol.wire import JsonObject, Surface

_SAID = ("role", "content", "reasoning_content", "refusal")
_NO_ARGUMENTS = "{}"
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
            "finish_reason": _finish(choice.get("finish_reason"), calls=bool(choice["message"].get("tool_calls"))) or "stop",
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
        self._arguments: dict[tuple[int, int], str] = {}
        """How the arguments of each call begin, by its choice and its index."""

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
        index = choice.get("index") or 0
        calls = self._calls(index, said.pop("tool_calls", []), ends=reason is not None)
        if calls:
            said["tool_calls"] = calls
        if not said and reason is None:
            return None
        reason = _finish(reason, calls=any(at[0] == index for at in self._arguments))
        if not self._spoke:
            self._spoke, said = True, {"role": "assistant", **said}
        return {"index": index, "delta": said, "finish_reason": reason}

    def _calls(self, choice: int, calls: list[JsonObject], *, ends: bool) -> list[JsonObject]:
        """Each with an object for arguments, as whole answers have it. Of a call without any, some providers say nothing; of
        others litellm says `{}` again at the end of what comes behind it.
        """
        heard = [call for call in calls if self._goes_on(choice, call)]
        begun = max((call["index"] for call in heard), default=0)
        bare = [
            at for at, arguments in self._arguments.items() if not arguments and at[0] == choice and (ends or at[1] < begun)
        ]
        self._arguments.update(dict.fromkeys(bare, _NO_ARGUMENTS))
        ended = [{"index": index, "function": {"arguments": _NO_ARGUMENTS}} for _, index in bare]
        return sorted([*heard, *ended], key=itemgetter("index"))  # behind what begins the call, if that is among them

    def _goes_on(self, choice: int, call: JsonObject) -> bool:
        """False for what litellm says again. Raises ValueError for more arguments of a call that has come to its end."""
        at = choice, call["index"]
        before, more = self._arguments.get(at, ""), call["function"].get("arguments") or ""
        if before == _NO_ARGUMENTS:
            if more.strip() not in ("", _NO_ARGUMENTS):
                raise ValueError("a call goes on behind its end")
            return False
        self._arguments[at] = (before + more)[: len(_NO_ARGUMENTS) + 1]
        return True

    def _count(self, usage: JsonObject) -> None:
        """Providers say what was read at the beginning and what was written at the end; the other count is then 0."""
        for name in _COUNTS[:2]:
            self._usage[name] = max(self._usage.get(name, 0), usage.get(name) or 0)


def _finish(reason: str | None, *, calls: bool) -> str | None:
    """An answer in JSON may have come as the call of a tool that litellm made up: then none of the client's is called."""
    return "stop" if reason == "tool_calls" and not calls else reason


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
