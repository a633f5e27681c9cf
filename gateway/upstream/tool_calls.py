"""Calls of tools in the one shape that clients can put together: each has its own index, and says its id and name once.

A client adds up the arguments of what has one index, and many add up every text: an id that is said twice becomes another id.
"""

from __future__ import annotations

import secrets
from typing import Any

import orjson

from gateway.protocol.wire import JsonObject


class StreamedCalls:
    """The calls of one choice of a stream, in the order in which they begin."""

    def __init__(self) -> None:
        self._index_of: dict[str, int] = {}
        self._at: dict[int, int] = {}
        self._named: set[int] = set()
        self._begun = 0

    def mend(self, delta: JsonObject) -> None:
        """Put the calls of one delta in shape, in place."""
        calls = as_list(delta)
        for call in calls:
            index = self._place(call)
            call["index"] = index
            function = call.get("function")
            if isinstance(function, dict):
                arguments_as_text(function)
                self._say_name_once(function, index)

    def _place(self, call: JsonObject) -> int:
        """Where a call belongs: to the one with its id, or, without an id, to the last that was said under its index."""
        said, id_ = call.get("index"), call.get("id")
        index = said if isinstance(said, int) else None
        if isinstance(id_, str) and id_ in self._index_of:
            del call["id"]
            call.pop("type", None)
            return self._index_of[id_]
        if not id_ and (index in self._at or (index is None and self._begun and not _name(call))):
            call.pop("id", None)
            return self._at[index] if index is not None else self._begun - 1
        return self._begin(call, index)

    def _begin(self, call: JsonObject, index: int | None) -> int:
        call["id"] = call["id"] if _is_text(call.get("id")) else _new_id()
        place = self._begun
        self._begun += 1
        self._index_of[call["id"]] = place
        self._at[place if index is None else index] = place
        return place

    def _say_name_once(self, function: JsonObject, index: int) -> None:
        if not _is_text(function.get("name")) or index in self._named:
            function.pop("name", None)
        else:
            self._named.add(index)


def mend_whole(message: JsonObject) -> None:
    """Put the calls of a whole message in shape, in place."""
    for call in as_list(message):
        call["id"] = call.get("id") or _new_id()
        if isinstance(call.get("function"), dict):
            arguments_as_text(call["function"])


def as_list(holder: JsonObject) -> list[JsonObject]:
    """The calls of a delta or a message; TGI 2 sent one alone, without a list."""
    calls = holder.get("tool_calls")
    if isinstance(calls, dict):
        calls = holder["tool_calls"] = [calls]
    return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []


def arguments_as_text(function: JsonObject) -> None:
    """OpenAI sends arguments as the text of a JSON object; TGI 2 and some builds of llama.cpp sent the object."""
    arguments: Any = function.get("arguments")
    if isinstance(arguments, dict):
        function["arguments"] = orjson.dumps(arguments).decode()


def _name(call: JsonObject) -> object:
    function = call.get("function")
    return function.get("name") if isinstance(function, dict) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _new_id() -> str:
    return f"call_{secrets.token_hex(12)}"
