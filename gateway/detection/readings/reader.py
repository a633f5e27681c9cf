"""All the ways in which one text is read. Most texts are read as they are, and one pass of RE2 tells so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, TypeAlias

import re2

from gateway.detection.readings.encodings import decoding_rewrites
from gateway.detection.readings.joined import joining_rewrites
from gateway.detection.readings.normalise import plain_rewrites, readable
from gateway.detection.readings.reading import Reading, ReadingKind, Rewrite
from gateway.errors import DetectionUnavailable

_Fired: TypeAlias = Callable[[str], Sequence[str]]
"""The triggers that fire on a text."""


@dataclass(frozen=True, slots=True)
class Readings:
    """`texts`: as it is, and where that differs in plain characters and decoded, each made from the one before.

    `joined`, made from the last of them, is for what is confirmed by more than its form.
    """

    texts: tuple[Reading, ...]
    joined: Reading | None = None

    @property
    def clearest(self) -> Reading:
        """What taggers read."""
        return self.texts[-1]


def _carry_on() -> None:
    """The `check` of one who waits as long as it takes."""


class Reader:
    """Makes readings. Safe to share between threads."""

    def __init__(self) -> None:
        self._plain, self._decoding, self._joining = plain_rewrites(), decoding_rewrites(), joining_rewrites()
        self._triggers = _Triggers((*self._plain, *self._decoding, *self._joining))

    def read(self, text: str, check: Callable[[], None] = _carry_on) -> Readings:
        """Every reading of `text` has a UTF-8 form. Between steps it calls `check`. Raises DetectionUnavailable."""
        given = Reading(readable(text))
        fired = cache(self._triggers.fired)  # mostly a rewriting changes nothing, and the next one begins with the same text
        if not fired(given.text):
            return Readings((given,))
        plain = _rewritten(given, self._plain, fired, ReadingKind.PLAIN, check)
        decoded = _rewritten(plain, self._decoding, fired, ReadingKind.DECODED, check)
        if decoded is not plain:
            decoded = _rewritten(decoded, self._plain, fired, ReadingKind.DECODED, check)
        joined = _rewritten(decoded, self._joining, fired, ReadingKind.JOINED, check)
        return Readings(_distinct(given, plain, decoded), None if joined is decoded else joined)


def _rewritten(
    reading: Reading, rewrites: Iterable[Rewrite], fired: _Fired, kind: ReadingKind, check: Callable[[], None]
) -> Reading:
    triggers = fired(reading.text)
    for rewrite in rewrites:
        if rewrite.trigger in triggers:
            check()
            reading = reading.rewritten(rewrite.edits(reading.text), kind)
    return reading


def _distinct(*readings: Reading) -> tuple[Reading, ...]:
    """In their order; a rewriting that changed nothing gave back what it was given."""
    return readings[:1] + tuple(after for before, after in pairwise(readings) if after is not before)


class _Triggers:
    """The triggers of some rewrites, tried together."""

    def __init__(self, rewrites: Iterable[Rewrite]) -> None:
        self._expressions: Sequence[str] = [rewrite.trigger for rewrite in rewrites]
        self._automaton = _compiled(self._expressions)

    def fired(self, text: str) -> Sequence[str]:
        fired = self._automaton.Match(text)
        if len(self._expressions) not in fired:  # the empty expression fires on everything, unless RE2 ran out of memory
            raise DetectionUnavailable("a text could not be read, so nothing was forwarded")
        return [self._expressions[n] for n in fired if n < len(self._expressions)]


def _compiled(expressions: Sequence[str]) -> Any:
    options = re2.Options()
    options.max_mem, options.log_errors = 64 << 20, False
    automaton = re2.Set.SearchSet(options)
    for expression in (*expressions, ""):
        automaton.Add(expression)
    automaton.Compile()
    return automaton
