"""How originals are written where they belong."""

from __future__ import annotations

import re
from typing import Protocol

from gateway.protocol.json_depth import JsonDepth
from gateway.protocol.segments import integer_of, json_escaped

_STAND_IN = "x"
_STAND_IN_NUMBER = "0"
_FENCE = re.compile(r"\n[ \t]*+(?:`{3,}+|~{3,}+)[ \t]*+(?:(?i:jsonl?)[ \t]*+)?+(?=\r?\n)")
_FENCE_BEGUN = re.compile(r"\n[ \t`~jsonl]*+\r?\Z", re.IGNORECASE)
"""A last line that may become one."""
_MANY = 1_000
"""Pieces of a text that may wait to be looked at."""


class Written(Protocol):
    """Writes the originals of one text, from left to right."""

    def passed(self, text: str) -> None:
        """What stands before the next original, as the model wrote it."""

    def original(self, value: str, instead_of: str) -> str:
        """This original, as it is to stand here instead of what the model wrote."""


class AsText:
    """As it is."""

    def passed(self, text: str) -> None:
        """It does not matter."""

    def original(self, value: str, instead_of: str) -> str:  # noqa: ARG002 - it does not matter either
        return value


class InText:
    """In a text that may be a JSON document, or hold one in a Markdown fence: a model writes one where only the prompt asks for
    it. Inside the document's strings originals are escaped as there; everywhere else they stand as they are.
    """

    def __init__(self) -> None:
        self._around = JsonDepth(is_inner=True)
        self._unread = ["\n"]  # a fence stands at the beginning of a line

    def passed(self, text: str) -> None:
        self._unread.append(text)
        if len(self._unread) > _MANY:
            self._read(goes_on=True)

    def original(self, value: str, instead_of: str) -> str:  # noqa: ARG002 - in a string of its own it is no number
        written = value
        if json_escaped(value) != value:
            for _ in range(self._read().depth):
                written = json_escaped(written)
        self._unread.append(_STAND_IN)
        return written

    def _read(self, *, goes_on: bool = False) -> JsonDepth:
        """Take note of what was said. Where it `goes_on`, a fence may be half said."""
        said = "".join(self._unread)
        begun = _FENCE_BEGUN.search(said) if goes_on else None
        end = begun.start() if begun else len(said)
        self._unread = [said[end:]]
        document = max((fence.end() for fence in _FENCE.finditer(said)), default=None)
        if document is not None:
            self._around = JsonDepth(is_inner=True)
        self._around.feed(said[document:end])
        return self._around


class InJson:
    """Inside a JSON string, and inside documents in such strings. A number becomes a number, or a string where JSON has none
    that is written like the value (`0301234567`). What stands around is looked at only where it matters: most values look the
    same however often they are escaped.
    """

    def __init__(self) -> None:
        self._around = JsonDepth()
        self._unread: list[str] = []

    def passed(self, text: str) -> None:
        self._unread.append(text)

    def original(self, value: str, instead_of: str) -> str:
        is_number = instead_of.isdecimal()
        written, strings = json_escaped(value), 1
        if is_number and integer_of(value) is None and self._read().at_value:
            written, strings = f'"{written}"', 0
        if written != value:
            for _ in range(self._read().depth - strings):
                written = json_escaped(written)
        self._unread.append(_STAND_IN_NUMBER if is_number else _STAND_IN)
        return written

    def _read(self) -> JsonDepth:
        self._around.feed("".join(self._unread))
        self._unread.clear()
        return self._around
