"""Events of a streamed response as OpenAI sends them, since typed clients end at others.

OpenAI says `sequence_number` in every event, `output_index` where an item is meant, `content_index` where a part of it is:
clients put items together by these places. A part of reasoning begins and ends by the events of every part.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from gateway.protocol.wire import JsonObject

_ABOUT_PARTS = ("response.content_part.", "response.output_text.", "response.refusal.", "response.reasoning_text.")
_PART_BEGINS = "response.content_part.added"
_TEXT = frozenset({"response.output_text.delta", "response.output_text.done"})
_OPENAIS = MappingProxyType(
    {
        "response.reasoning_part.added": "response.content_part.added",
        "response.reasoning_part.done": "response.content_part.done",
    }
)
_DETAILS = ("input_tokens_details", "output_tokens_details")


class ResponsePlaces:
    """Fills in what is missing in the events of one stream, in place. What is said stays as it is."""

    def __init__(self) -> None:
        self._events = 0
        self._items: dict[str, Any] = {}
        self._parts: dict[str, int] = {}

    def __call__(self, event: JsonObject) -> None:
        event.setdefault("sequence_number", self._events)
        self._events += 1
        response = event.get("response")
        if isinstance(response, dict):
            response.setdefault("output", [])
            return
        item = _item_of(event)
        if item is not None:
            self._place(event, item)

    def _place(self, event: JsonObject, item: str) -> None:
        self._items[item] = event.setdefault("output_index", self._items.get(item, len(self._items)))
        kind = event.get("type")
        if not isinstance(kind, str) or not kind.startswith(_ABOUT_PARTS):
            return
        if kind == _PART_BEGINS:
            self._parts[item] = self._parts.get(item, -1) + 1
        event.setdefault("content_index", self._parts.get(item, 0))
        if kind in _TEXT:
            event.setdefault("logprobs", [])


def in_openais_words(answer: JsonObject) -> None:
    """Changes vLLM's own words in an event of a stream, or in a plain answer, in place."""
    kind = answer.get("type")
    if isinstance(kind, str) and kind in _OPENAIS:
        answer["type"] = _OPENAIS[kind]
    response = answer.get("response", answer)
    usage = response.get("usage") if isinstance(response, dict) else None
    if isinstance(usage, dict):
        for name in _DETAILS:
            details = usage.get(name)
            if isinstance(details, dict):
                usage[name] = {key: count for key, count in details.items() if not isinstance(count, list)}


def _item_of(event: JsonObject) -> str | None:
    """The id of the item that an event is about. A call of a tool may have no other than its `call_id`."""
    item = event.get("item")
    said: Any = event.get("item_id") if not isinstance(item, dict) else item.get("id") or item.get("call_id")
    return said if isinstance(said, str) else None
