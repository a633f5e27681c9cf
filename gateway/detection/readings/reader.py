"""All the ways in which one text is read. Most texts are read as they are, and one pass of RE2 tells so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.detection.expressions import Expressions
from gateway.detection.readings.encodings import decoding_rewrites
from gateway.detection.readings.joined import joining_rewrites
from gateway.detection.readings.normalise import plain_rewrites, readable
from gateway.detection.readings.reading import Reading, ReadingKind, Rewrite


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


@dataclass(frozen=True, slots=True)
class _Step:
    """A reading on the way, and the triggers that fire on its text."""

    reading: Reading
    fired: Sequence[str]


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
        start = _Step(given, self._triggers.fired(given.text))
        if not start.fired:
            return Readings((given,))
        plain = self._rewritten(start, self._plain, ReadingKind.PLAIN, check)
        decoded = self._rewritten(plain, self._decoding, ReadingKind.DECODED, check)
        if decoded is not plain:
            decoded = self._rewritten(decoded, self._plain, ReadingKind.DECODED, check)
        joined = self._rewritten(decoded, self._joining, ReadingKind.JOINED, check)
        return Readings(_distinct(given, plain.reading, decoded.reading), None if joined is decoded else joined.reading)

    def _rewritten(self, step: _Step, rewrites: Iterable[Rewrite], kind: ReadingKind, check: Callable[[], None]) -> _Step:
        """The same step where there is nothing to rewrite."""
        reading = step.reading
        for rewrite in rewrites:
            if rewrite.trigger in step.fired:
                check()
                reading = reading.rewritten(rewrite.edits(reading.text), kind)
        return step if reading is step.reading else _Step(reading, self._triggers.fired(reading.text))


def _distinct(*readings: Reading) -> tuple[Reading, ...]:
    """In their order; a rewriting that changed nothing gave back what it was given."""
    return readings[:1] + tuple(after for before, after in pairwise(readings) if after is not before)


class _Triggers:
    """The triggers of some rewrites, tried together."""

    def __init__(self, rewrites: Iterable[Rewrite]) -> None:
        self._expressions: Sequence[str] = [rewrite.trigger for rewrite in rewrites]
        self._automaton = Expressions(self._expressions)

    def fired(self, text: str) -> Sequence[str]:
        return [self._expressions[n] for n in self._automaton.fired(text)]
