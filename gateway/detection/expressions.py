"""RE2 expressions: many that are tried on a text in one pass, and one whose places are looked for.

RE2 runs in linear time whatever the text is (https://github.com/google/re2/wiki/WhyRE2).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import re2

from gateway.errors import DetectionUnavailable

_MEMORY = 64 << 20
"""Bytes for the states of an automaton; with too few, hostile texts make it build them over and over."""
_AT_THE_END = r"\z"
"""Fires on every text, and on its last step alone: one that fired on every step would cost a fourth of all."""


class Expressions:
    """Some expressions as one automaton. Safe to share between threads."""

    def __init__(self, expressions: Sequence[str]) -> None:
        options = re2.Options()
        options.max_mem, options.log_errors = _MEMORY, False
        self._automaton = re2.Set.SearchSet(options)
        self._size = len(expressions)
        for expression in (*expressions, _AT_THE_END):
            self._automaton.Add(expression)
        self._automaton.Compile()

    def fired(self, text: str | bytes) -> Sequence[int]:
        """The places of those that fire on a text, bytes being UTF-8, in no order. Raises DetectionUnavailable."""
        fired: list[int] = self._automaton.Match(text)
        if not fired or self._size not in fired:  # RE2 ran out of memory
            raise DetectionUnavailable("a text could not be searched, so nothing was forwarded")
        if len(fired) == 1:
            return ()
        fired.remove(self._size)
        return fired


class Match(Protocol):
    """As of `re`: where an expression matches, in code points."""

    def start(self) -> int: ...

    def end(self) -> int: ...

    def span(self) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True)
class _Place:
    first: int
    last: int

    def start(self) -> int:
        return self.first

    def end(self) -> int:
        return self.last

    def span(self) -> tuple[int, int]:
        return self.first, self.last


class Places:
    """Finds where an expression matches, which must not match nothing. RE2's own wrapper takes longer to count characters."""

    def __init__(self, expression: str) -> None:
        self._regex = re2.compile(expression)

    def finditer(self, text: str, pos: int = 0, endpos: int = sys.maxsize, /) -> Iterator[Match]:
        """In order and free of overlap, in the part of a text, what lies before it being seen."""
        encoded = text.encode()
        if len(encoded) == len(text):
            return self._regex.finditer(encoded, pos, endpos)  # type: ignore[no-any-return]
        return self._counted(text, encoded, pos, endpos)

    def _counted(self, text: str, encoded: bytes, pos: int, endpos: int) -> Iterator[Match]:
        done, at = len(text[:pos].encode()) if pos else 0, pos
        stop = len(text[:endpos].encode()) if endpos < len(text) else len(encoded)
        for match in self._regex.finditer(encoded, done, stop):
            begin, end = match.span()
            first = at + len(encoded[done:begin].decode())
            done, at = end, first + len(encoded[begin:end].decode())
            yield _Place(first, at)

    def search(self, text: str) -> Match | None:
        """The first of them."""
        return next(self.finditer(text), None)
