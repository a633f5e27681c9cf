"""Chat completions with annotations: in the message of a plain answer, in the last delta of each choice of a stream. Pure.

A choice of plain completions has neither: there they stand in the choice itself, of a stream in its last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.grounding.citations import File, citations
from gateway.protocol.wire import JsonObject


class CitedChat:
    """Sees the events of one reply, in order, and gives each of them back, with annotations where a choice has ended."""

    def __init__(self, files: Mapping[int, File]) -> None:
        self._files = files
        self._said: dict[Any, list[str]] = {}

    def events(self, event: JsonObject) -> tuple[JsonObject, ...]:
        choices = event.get("choices")
        if not isinstance(choices, list):
            return (event,)
        return ({**event, "choices": [self._choice(one) if isinstance(one, dict) else one for one in choices]},)

    def _choice(self, choice: JsonObject) -> JsonObject:
        message, delta = choice.get("message"), choice.get("delta")
        if isinstance(choice.get("text"), str):
            self._hear(choice, choice["text"])
            return self._annotated(choice, self._all_of(choice)) if choice.get("finish_reason") else choice
        if isinstance(message, dict):
            return {**choice, "message": self._annotated(message, message.get("content"))}
        if not isinstance(delta, dict):
            return choice
        self._hear(choice, delta.get("content"))
        if not choice.get("finish_reason"):
            return choice
        return {**choice, "delta": self._annotated(delta, self._all_of(choice))}

    def _hear(self, choice: JsonObject, more: Any) -> None:
        if isinstance(more, str):
            self._said.setdefault(choice.get("index"), []).append(more)

    def _all_of(self, choice: JsonObject) -> str:
        return "".join(self._said.get(choice.get("index"), ()))

    def _annotated(self, holder: JsonObject, text: Any) -> JsonObject:
        found = [one.in_chat for one in citations(text, self._files)] if isinstance(text, str) else []
        before = holder.get("annotations")
        return {**holder, "annotations": [*(before if isinstance(before, list) else ()), *found]} if found else holder
