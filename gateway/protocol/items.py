"""Items of answers of `responses`, which a later request may name by their ids instead of sending them again. Pure.

A reference says `{"type": "item_reference", "id": …}`, or nothing but an id (OpenAI's API reference, responses). An item
may have several ids: some servers, vLLM among them, name it anew in the last event of a stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.protocol.wire import JsonObject

_REFERENCE = "item_reference"
_KEPT = frozenset({"message", "reasoning", "function_call", "custom_tool_call", "file_search_call"})
"""Not items that bring tools along, which policy is asked about, nor what tools of a backend made."""
_WHOLE = ("response.completed", "response.incomplete")
_BEGUN, _DONE = "response.output_item.added", "response.output_item.done"


def is_reference(item: JsonObject) -> bool:
    """One need not say that it is one: then an id is all that it has."""
    kind = item.get("type")
    return kind == _REFERENCE or bool(not kind and not item.get("role") and item.get("id"))


def references(request: JsonObject) -> Mapping[int, str]:
    """The ids that the input names, by their places in it; an id that is no text is an empty one, which nothing has."""
    said = request.get("input")
    items = said if isinstance(said, list) else ()
    return {at: _id(item) for at, item in enumerate(items) if isinstance(item, dict) and is_reference(item)}


def with_items(request: JsonObject, items: Mapping[int, JsonObject]) -> JsonObject:
    """The request with these items of its input in full."""
    return {**request, "input": [items.get(at, item) for at, item in enumerate(request["input"])]}


def is_last(event: JsonObject) -> bool:
    """Whether a client knows by this event that the answer is whole, and may go on from it."""
    return event.get("type") in _WHOLE or event.get("object") == "response"


@dataclass(slots=True)
class Answered:
    """The items of one answer by their ids, as far as its events have told: nothing is copied.

    The last event of a stream need not list items in the places in which they came, so places are compared within each alone.
    """

    _begun: dict[int, str] = field(default_factory=dict)
    _streamed: dict[str, tuple[int, JsonObject]] = field(default_factory=dict, repr=False)
    _listed: dict[str, tuple[int, JsonObject]] = field(default_factory=dict, repr=False)
    _shared: set[str] = field(default_factory=set)

    def see(self, event: JsonObject) -> None:
        """An event of the answer as its client gets it, or a plain answer."""
        kind = event.get("type")
        if kind in (_BEGUN, _DONE):
            at, item = event.get("output_index"), event.get("item")
            if isinstance(at, int) and isinstance(item, dict):
                self._came(at, item, done=kind == _DONE)
        elif is_last(event):
            response = event.get("response") if kind in _WHOLE else event
            output = response.get("output") if isinstance(response, dict) else None
            for at, item in enumerate(output if isinstance(output, list) else ()):
                if isinstance(item, dict):
                    self._note(self._listed, _id(item), at, item)

    def items(self) -> Mapping[str, JsonObject]:
        """Those that are whole and may be named. An id that two of them have is nobody's."""
        found = {**self._listed, **self._streamed}
        return {named: item for named, (_, item) in found.items() if named not in self._shared and _may_be_named(item)}

    def _came(self, at: int, item: JsonObject, *, done: bool) -> None:
        if not done:
            self._begun[at] = _id(item)
            return
        for named in {_id(item), self._begun.get(at, "")}:
            self._note(self._streamed, named, at, item)

    def _note(self, found: dict[str, tuple[int, JsonObject]], named: str, at: int, item: JsonObject) -> None:
        if named and found.setdefault(named, (at, item))[0] != at:
            self._shared.add(named)


def _may_be_named(item: JsonObject) -> bool:
    kind = item.get("type")
    return isinstance(kind, str) and kind in _KEPT and item.get("status") in (None, "completed")


def _id(item: JsonObject) -> str:
    return named if isinstance(named := item.get("id"), str) else ""
