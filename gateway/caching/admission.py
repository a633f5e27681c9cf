"""Which answers may be kept: those that are whole, and that say nothing of who asked. Pure.

Never kept are refusals and errors, what broke off, what was cut at a length or by a filter, what has fewer choices than were
asked for, what is too large, and what repeats a label of the request (see `question`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from gateway.caching.question import Question, texts
from gateway.protocol.channels import Channel, fragments
from gateway.protocol.facts import lenient_number
from gateway.protocol.usage import Tally, Usage
from gateway.protocol.vocabulary import PROTOCOL_WORDS
from gateway.protocol.wire import JsonObject, Surface

_OK = 200
_WHOLE = frozenset({"stop", "tool_calls", "function_call", "completed"})


class Admission:
    """Sees one answer go by, and keeps it as long as it may be kept."""

    def __init__(self, question: Question, max_bytes: int) -> None:
        self._question = question
        self._room = max_bytes
        self._labels = question.labels
        self._tally = Tally(question.surface)
        self._said: dict[Channel, list[str]] = {}
        self._events: list[bytes] | None = []

    @property
    def events(self) -> list[bytes] | None:
        """All that came so far; None once it is too much."""
        return self._events

    @property
    def usage(self) -> Usage:
        return self._tally.usage

    def see(self, event: JsonObject) -> None:
        self._tally.see(event)
        if self._events is None:
            return
        packed = orjson.dumps(event)
        self._room -= len(packed)
        if self._room < 0:
            self._events = None
            return
        self._events.append(packed)
        if self._labels:
            self._note(event)

    def may_be_kept(self, status: int) -> bool:
        """To be asked when the answer has come to its end."""
        if status != _OK or not self._events or not self._is_whole():
            return False
        said = "\0".join("".join(pieces) for pieces in self._said.values())  # one text, to be searched once a label
        return not any(label in said for label in self._labels)

    def _is_whole(self) -> bool:
        if not self._question.surface.speaks:
            return self._tally.finished
        reasons = self._tally.usage.finish_reasons
        return self._tally.finished and set(reasons) <= _WHOLE and len(reasons) >= _choices(self._question)

    def _note(self, event: JsonObject) -> None:
        """Streamed pieces by their channel, for a label may be cut between two of them; every other text by itself."""
        for piece in fragments(self._question.surface, event):
            self._said.setdefault(piece.channel, []).append(piece.text)
        for text in _other_texts(event):
            self._said.setdefault((text,), [text])


def _other_texts(event: JsonObject) -> Iterator[str]:
    """Without names of the protocol's own, and without the answer's id, which is replaced."""
    rest: Mapping[str, Any] = {name: value for name, value in event.items() if name != "id"}
    yield from (text for text in texts(rest) if text not in PROTOCOL_WORDS)


def _choices(question: Question) -> int:
    """How many answers were asked for."""
    if question.surface is Surface.RESPONSES:
        return 1
    prompt = question.body.get("prompt")
    prompts = len(prompt) if isinstance(prompt, list) and not all(isinstance(item, int) for item in prompt) else 1
    return max(1, prompts) * max(1, lenient_number(question.body.get("n")))
