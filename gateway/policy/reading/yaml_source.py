"""The text of a policy file, and the lines and columns in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TypeAlias

from gateway.policy.reading.problems import PolicyError, Problem

Position: TypeAlias = tuple[int, int]
"""Line and column, both from 1; columns count code points."""

START: Position = (1, 1)

_BREAK = re.compile(r"\r\n|\r|\n")
# What YAML forbids, the byte order mark in the middle, and the three line breaks that hardly any editor shows as one:
# with them, the lines that a person sees and the lines that YAML reads would differ.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_UNUSUAL_BREAKS = "\x85\u2028\u2029"


class Source:
    """A file's text. An index counts its code points from 0; the table of lines is made when a place is first asked for."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file

    @classmethod
    def decode(cls, raw: bytes, file: str) -> Source:
        """Raises PolicyError for bytes that are not UTF-8 and for characters that a policy cannot hold."""
        try:
            source = cls(raw.decode("utf-8-sig"), file)
        except UnicodeDecodeError as error:
            before = cls(error.object[: error.start].decode(), file)
        else:
            return source._checked()
        raise before.refusal(len(before.text), "not UTF-8 text", "save the file in the UTF-8 encoding")

    def _checked(self) -> Source:
        found = _FORBIDDEN.search(self.text)
        if found is None:
            return self
        if found[0] in _UNUSUAL_BREAKS:
            raise self.refusal(found.start(), "an unusual line break", "put an ordinary line break there")
        raise self.refusal(found.start(), "a control character", "remove it")

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in _BREAK.finditer(self.text))]

    def position(self, index: int) -> Position:
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1

    def line(self, number: int) -> tuple[int, str]:
        """The index where this line starts, and what it says, without its line break; empty beyond the end."""
        if number > len(self._line_starts):
            return len(self.text), ""
        start = self._line_starts[number - 1]
        found = _BREAK.search(self.text, start)
        return start, self.text[start : found.start() if found else None]

    def problem(self, index: int, message: str, fix: str, key: str = "") -> Problem:
        return Problem(self.file, *self.position(index), message, fix, key)

    def refusal(self, index: int, message: str, fix: str, key: str = "") -> PolicyError:
        """For what makes reading on pointless."""
        return PolicyError([self.problem(index, message, fix, key)])
