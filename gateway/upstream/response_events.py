"""The places of a streamed response's events, where a server leaves them out: clients put items together by them.

OpenAI says `sequence_number` in every event, `output_index` where an item is meant, `content_index` where a part of it is.
"""

from __future__ import annotations

from typing import Any

from gateway.protocol.wire import JsonObject

_ABOUT_PARTS = ("response.content_part.", "response.output_text.", "response.refusal.", "response.reasoning_text.")
_PART_BEGINS = "response.content_part.added"
_TEXT = frozenset({"response.output_text.delta", "response.output_text.done"})


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


def _item_of(event: JsonObject) -> str | None:
    """The id of the item that an event is about. A call of a tool may have no other than its `call_id`."""
    item = event.get("item")
    said: Any = event.get("item_id") if not isinstance(item, dict) else item.get("id") or item.get("call_id")
    return said if isinstance(said, str) else None
