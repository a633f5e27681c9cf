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
        self._said: dict[Any, str] = {}

    def events(self, event: JsonObject) -> tuple[JsonObject, ...]:
        choices = event.get("choices")
        if not isinstance(choices, list):
            return (event,)
        return ({**event, "choices": [self._choice(one) if isinstance(one, dict) else one for one in choices]},)

    def _choice(self, choice: JsonObject) -> JsonObject:
        message, delta = choice.get("message"), choice.get("delta")
        if isinstance(choice.get("text"), str):
            said = self._heard(choice, choice["text"])
            return self._annotated(choice, said) if choice.get("finish_reason") else choice
        if isinstance(message, dict):
            return {**choice, "message": self._annotated(message, message.get("content"))}
        if not isinstance(delta, dict):
            return choice
        said = self._heard(choice, delta.get("content"))
        if not choice.get("finish_reason"):
            return choice
        return {**choice, "delta": self._annotated(delta, said)}

    def _heard(self, choice: JsonObject, more: Any) -> str:
        """All that this choice has said so far."""
        before = self._said.get(choice.get("index"), "")
        self._said[choice.get("index")] = before + more if isinstance(more, str) else before
        return self._said[choice.get("index")]

    def _annotated(self, holder: JsonObject, text: Any) -> JsonObject:
        found = [one.in_chat for one in citations(text, self._files)] if isinstance(text, str) else []
        before = holder.get("annotations")
        return {**holder, "annotations": [*(before if isinstance(before, list) else ()), *found]} if found else holder
