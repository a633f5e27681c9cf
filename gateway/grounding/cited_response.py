"""Responses with annotations, and with the call of `file_search` before what the model says, plain or as events. Pure.

What is put in moves what follows: `output_index` by one where there is a call, and `sequence_number`, which counts all events.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.grounding.citations import File, citations
from gateway.protocol.wire import JsonObject

_BEFORE_OUTPUT = ("response.created", "response.in_progress", "response.queued")
_SEARCHING = ("in_progress", "searching", "completed")


class CitedResponse:
    """Sees the events of one reply, in order. `call` is the output item of `file_search`, where the client asked for it."""

    def __init__(self, files: Mapping[int, File], call: JsonObject | None = None) -> None:
        self._files = files
        self._call = call
        self._numbers = itertools.count()
        self._told = False

    def events(self, event: JsonObject) -> tuple[JsonObject, ...]:
        if event.get("object") == "response":
            return (self._whole(event),)
        return tuple(self._numbered(one) for one in self._streamed(event))

    def _streamed(self, event: JsonObject) -> Iterator[JsonObject]:
        name = event.get("type")
        if self._call is not None and not self._told and name not in _BEFORE_OUTPUT:
            self._told = True
            yield from _calling(self._call)
        moved = self._moved(event)
        if name == "response.output_text.done" and isinstance(event.get("text"), str):
            yield from self._added(moved, event["text"])
        yield moved

    def _moved(self, event: JsonObject) -> JsonObject:
        """The event where it stands now, with its annotations."""
        changed: JsonObject = {}
        if self._call is not None and isinstance(event.get("output_index"), int):
            changed["output_index"] = event["output_index"] + 1
        if isinstance(event.get("part"), dict):
            changed["part"] = self._part(event["part"])
        if isinstance(event.get("item"), dict):
            changed["item"] = self._item(event["item"])
        if isinstance(event.get("response"), dict):
            has_begun = event.get("type") not in _BEFORE_OUTPUT
            changed["response"] = self._whole(event["response"]) if has_begun else event["response"]
        return {**event, **changed}

    def _numbered(self, event: JsonObject) -> JsonObject:
        return {**event, "sequence_number": next(self._numbers)} if "sequence_number" in event else event

    def _added(self, done: JsonObject, text: str) -> Iterator[JsonObject]:
        names = ("item_id", "output_index", "content_index", "sequence_number")
        place: JsonObject = {name: done[name] for name in names if name in done}
        for at, one in enumerate(citations(text, self._files)):
            kind = "response.output_text.annotation.added"
            yield {"type": kind, **place, "annotation_index": at, "annotation": one.in_response}

    def _whole(self, response: JsonObject) -> JsonObject:
        output = response.get("output")
        if not isinstance(output, list):
            return response
        items = [self._item(item) if isinstance(item, dict) else item for item in output]
        return {**response, "output": items if self._call is None else [self._call, *items]}

    def _item(self, item: JsonObject) -> JsonObject:
        content = item.get("content")
        if item.get("type") != "message" or not isinstance(content, list):
            return item
        return {**item, "content": [self._part(part) if isinstance(part, dict) else part for part in content]}

    def _part(self, part: JsonObject) -> JsonObject:
        text: Any = part.get("text")
        if part.get("type") != "output_text" or not isinstance(text, str):
            return part
        before = part.get("annotations")
        found = [one.in_response for one in citations(text, self._files)]
        return {**part, "annotations": [*(before if isinstance(before, list) else ()), *found]}


def file_search_call(call_id: str, query: str, files: Mapping[int, File], *, results: bool) -> JsonObject:
    """The output item. `results` are the passages themselves."""
    found = [{"file_id": one.id, "filename": one.name, "score": one.score, "text": one.text} for one in files.values()]
    return {
        "id": call_id,
        "type": "file_search_call",
        "status": "completed",
        "queries": [query],
        "results": [{**one, "attributes": {}} for one in found] if results else None,
    }


def _calling(call: JsonObject) -> Iterator[JsonObject]:
    """The events of a search that is over already."""
    place = {"output_index": 0, "sequence_number": 0}
    begun = {**call, "status": "in_progress", "results": None}
    yield {"type": "response.output_item.added", **place, "item": begun}
    for state in _SEARCHING:
        yield {"type": f"response.file_search_call.{state}", **place, "item_id": call["id"]}
    yield {"type": "response.output_item.done", **place, "item": call}
