"""What a backend says about its own answer: tokens, finish reasons, identity, and whether the stream came to its end.

It travels to the record and to spans, and a backend may send anything. So nothing here raises, and only what looks like
a count or like an identifier is taken: prose in the place of a finish reason is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gateway.protocol.identifiers import identifier
from gateway.protocol.wire import JsonObject, Surface

_WORD = re.compile(r"[!-~]{1,128}")
_MAX_COUNT = 2**63 - 1
_MOST_TOKENS = 10**8  # a backend that says more is mistaken
_ENDINGS = frozenset({"response.completed", "response.failed", "response.incomplete"})
_FINAL = frozenset({"completed", "failed", "incomplete", "cancelled"})


class UsageSource(StrEnum):
    """Where counts of tokens come from: the backend, its tokenizer in our hands, or the length of the texts."""

    REPORTED = "reported"
    COUNTED = "counted"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens; None where nobody told. `source` says who told them, where somebody did."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    finish_reasons: tuple[str, ...] = ()
    response_id: str | None = None
    response_model: str | None = None
    source: UsageSource = UsageSource.REPORTED

    @property
    def is_silent(self) -> bool:
        """Whether nobody says anything of tokens."""
        return self.input_tokens is None and self.output_tokens is None

    @property
    def is_believable(self) -> bool:
        """Whether it says anything of tokens, and nothing that cannot be true."""
        told = [count for count in (self.input_tokens, self.output_tokens) if count is not None]
        return bool(told) and max(told) <= _MOST_TOKENS

    @property
    def vetted(self) -> Usage:
        """What records and spans may say of it: a backend may call itself and its answer anything."""
        return replace(
            self,
            finish_reasons=tuple(identifier(reason) or "other" for reason in self.finish_reasons),
            response_id=identifier(self.response_id),
            response_model=identifier(self.response_model),
        )


_WHOLE_WITH: Mapping[Surface, str] = MappingProxyType({Surface.EMBEDDINGS: "data", Surface.MODERATIONS: "results"})
"""What an answer has that is no choice."""


class Tally:
    """Sees each JSON object of one reply: the deltas of a stream, or the one object of a plain answer."""

    def __init__(self, surface: Surface) -> None:
        self._see = self._see_response if surface is Surface.RESPONSES else self._see_choices
        self._whole_with = _WHOLE_WITH.get(surface)
        self._ended = False
        self._open: set[int] = set()
        self._reasons: dict[int, str] = {}
        self._input_tokens: int | None = None
        self._output_tokens: int | None = None
        self._id: str | None = None
        self._model: str | None = None

    def see(self, delta: JsonObject) -> None:
        """Take note of one object. Never raises."""
        self._see(delta)

    @property
    def usage(self) -> Usage:
        """What is known so far; finish reasons in the order of the choices."""
        return Usage(
            input_tokens=self._input_tokens,
            output_tokens=self._output_tokens,
            finish_reasons=tuple(self._reasons[index] for index in sorted(self._reasons)),
            response_id=self._id,
            response_model=self._model,
        )

    @property
    def finished(self) -> bool:
        """Whether the answer came to an honest end: a stream that stops before that was cut off."""
        return self._ended or (bool(self._reasons) and not self._open)

    def _see_choices(self, delta: JsonObject) -> None:
        self._note_identity(delta)
        self._note_tokens(delta.get("usage"), "prompt_tokens", "completion_tokens")
        self._ended = self._ended or self._whole_with in delta
        choices = delta.get("choices")
        for position, choice in enumerate(choices if isinstance(choices, list) else ()):
            if isinstance(choice, dict):
                self._see_choice(position, choice)

    def _see_choice(self, position: int, choice: Mapping[str, Any]) -> None:
        index = _count(choice.get("index"))
        index = position if index is None else index
        reason = choice.get("finish_reason")
        if isinstance(reason, str):
            self._open.discard(index)
            self._reasons[index] = _word(reason) or "other"
        elif index not in self._reasons:
            self._open.add(index)

    def _see_response(self, delta: JsonObject) -> None:
        """A stream's event wraps the response object; a plain answer is it."""
        kind, wrapped = delta.get("type"), delta.get("response")
        self._ended = self._ended or (isinstance(kind, str) and kind in _ENDINGS)
        if isinstance(wrapped, dict):
            self._note_response(wrapped)
        elif delta.get("object") == "response":
            self._note_response(delta)

    def _note_response(self, response: Mapping[str, Any]) -> None:
        self._note_identity(response)
        self._note_tokens(response.get("usage"), "input_tokens", "output_tokens")
        self._note_status(response)

    def _note_status(self, response: Mapping[str, Any]) -> None:
        status, details = response.get("status"), response.get("incomplete_details")
        if not isinstance(status, str) or status not in _FINAL:
            return
        self._ended = True
        reason = details.get("reason") if isinstance(details, dict) else None
        self._reasons[0] = _word(reason) or status

    def _note_identity(self, body: Mapping[str, Any]) -> None:
        """The first that is said; every delta repeats it."""
        if self._id is None:
            self._id = _word(body.get("id"))
        if self._model is None:
            self._model = _word(body.get("model"))

    def _note_tokens(self, usage: object, input_name: str, output_name: str) -> None:
        """The latest count wins: some backends send a running total with every delta. One that has read nothing and written
        nothing has not counted: Ollama says so in every event but the last.
        """
        if isinstance(usage, dict) and any(_count(usage.get(name)) for name in (input_name, output_name)):
            self._input_tokens = _latest(self._input_tokens, usage.get(input_name))
            self._output_tokens = _latest(self._output_tokens, usage.get(output_name))


def _count(value: object) -> int | None:
    """A number that a store of 64-bit integers can hold; JSON's true is not one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_COUNT else None


def _latest(known: int | None, value: object) -> int | None:
    count = _count(value)
    return known if count is None else count


def _word(value: object) -> str | None:
    """One word of visible ASCII: what clients are told too, so more than an identifier of ours."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None
