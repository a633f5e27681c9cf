"""What a client's messages say, in words that litellm hands on. What it would leave out without a word is refused. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from gateway.errors import UnsupportedParameter
from gateway.protocol.wire import JsonObject
from gateway.upstream.litellm.dialect import Wish
from gateway.upstream.litellm.speakers import told_apart


def handed_on(messages: Sequence[Any]) -> list[Any]:
    """Raises UnsupportedParameter, with the place, for what no provider would get to see."""
    for at, message in enumerate(messages):
        if not isinstance(message, dict):
            continue
        if message.get("audio") is not None:
            raise UnsupportedParameter("The provider of this model takes no audio.", param=f"messages.{at}.audio")
        _require_calls(message, f"messages.{at}.tool_calls")
    return [_translated(message) if isinstance(message, dict) else message for message in told_apart(messages)]


def _translated(message: JsonObject) -> JsonObject:
    """Providers have one place for instructions, and none for refusals: these are what an assistant said."""
    said = dict(message)
    if said.get("role") == "developer":
        said["role"] = "system"
    refusal = said.pop("refusal", None)
    if isinstance(refusal, str) and refusal and not said.get("content"):
        said["content"] = refusal
    return said


def _require_calls(message: JsonObject, place: str) -> None:
    for index, call in enumerate(calls_of(message)):
        function = call.get("function")
        arguments = function.get("arguments") if isinstance(function, dict) else None
        if isinstance(arguments, str) and arguments.strip() and not _is_object(arguments):
            raise UnsupportedParameter("The provider of this model takes objects as arguments.", param=f"{place}.{index}")


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def calls_of(message: JsonObject) -> Iterator[JsonObject]:
    """The tool calls of one message."""
    calls = message.get("tool_calls")
    return (call for call in (calls if isinstance(calls, list) else ()) if isinstance(call, dict))


def require_all_calls(wish: Wish, body: JsonObject, *, call: str, result: str) -> None:
    """litellm leaves out calls of tools, and results, that it takes for doubles. `call` and `result` are the keys, or the
    types, of the parts that should be there for each. Raises ValueError.
    """
    wanted = Counter(calls=0, results=0)
    for message in wish.messages:
        wanted["calls"] += sum(1 for _ in calls_of(message))
        wanted["results"] += message.get("role") == "tool"
    parts = list(_parts(body))
    for what, name in (("calls", call), ("results", result)):
        if sum(name in part or part.get("type") == name for part in parts) < wanted[what]:
            raise ValueError("calls or results of tools would be lost")


def _parts(body: JsonObject) -> Iterator[JsonObject]:
    for message in (*body.get("messages", ()), *body.get("contents", ())):
        for part in message.get("content") or message.get("parts") or ():
            if isinstance(part, dict):
                yield part
