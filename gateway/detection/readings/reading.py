"""A text as recognizers read it, with the way back to the original offsets.

A reading is only ever looked at. What is sent upstream is the original, whose offsets the findings carry.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Edit: TypeAlias = tuple[int, int, str]
"""A span of a text and what is read in its place; as long as the span, or nothing, or standing for the span as a whole."""


class ReadingKind(StrEnum):
    """How a text was read."""

    AS_IT_IS = "as it is"
    PLAIN = "in plain characters"
    DECODED = "decoded"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One way to make a text more readable.

    `trigger` is an RE2 expression that fires on texts that are worth it; `edits` gives spans in order and free of overlap.
    """

    trigger: str
    edits: Callable[[str], Iterator[Edit]]


@dataclass(frozen=True, slots=True)
class _Edits:
    """What was rewritten, by position: `first` to `last` in the copy stand for `start` to `end` in what was rewritten."""

    first: array[int] = field(default_factory=lambda: array("I"))
    last: array[int] = field(default_factory=lambda: array("I"))
    start: array[int] = field(default_factory=lambda: array("I"))
    end: array[int] = field(default_factory=lambda: array("I"))

    def add(self, first: int, last: int, start: int, end: int) -> None:
        self.first.append(first)
        self.last.append(last)
        self.start.append(start)
        self.end.append(end)

    def original(self, start: int, end: int) -> tuple[int, int]:
        return self._character(start)[0], self._character(end - 1)[1]

    def touch(self, start: int, end: int) -> bool:
        at = bisect_right(self.last, start)
        return at < len(self.first) and self.first[at] < end

    def _character(self, at: int) -> tuple[int, int]:
        """The span that one character of the copy stands for."""
        edit = bisect_right(self.first, at) - 1
        if edit < 0:
            return at, at + 1
        first, last, start, end = self.first[edit], self.last[edit], self.start[edit], self.end[edit]
        if at >= last:
            return at - last + end, at - last + end + 1
        if last - first == end - start:
            return at - first + start, at - first + start + 1
        return start, end


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` is what is read. A reading may rewrite another one, and that one the original."""

    text: str = field(repr=False)
    kind: ReadingKind = ReadingKind.AS_IT_IS
    _edits: _Edits | None = field(default=None, repr=False)
    _of: Reading | None = field(default=None, repr=False)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original span of a span that is not empty, with all that was left out or decoded inside it."""
        span, reading = (start, end), self
        while reading._edits is not None and reading._of is not None:
            span, reading = reading._edits.original(*span), reading._of
        return span

    def is_rewritten(self, start: int, end: int) -> bool:
        """Whether what makes this kind of reading changed something in this span."""
        span, reading = (start, end), self
        while reading._edits is not None and reading._of is not None and reading.kind is self.kind:
            if reading._edits.touch(*span):
                return True
            span, reading = reading._edits.original(*span), reading._of
        return False

    def rewritten(self, edits: Iterable[Edit], kind: ReadingKind) -> Reading:
        """This reading itself where there is nothing to rewrite."""
        parts: list[str] = []
        places, done, size = _Edits(), 0, 0
        for start, end, instead in edits:
            parts += (self.text[done:start], instead)
            first = size + start - done
            size, done = first + len(instead), end
            places.add(first, size, start, end)
        return Reading("".join(parts) + self.text[done:], kind, places, self) if parts else self
