"""Finds personal data in texts: runs the recognizers, resolves what they say, refuses when one of them cannot answer."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Protocol

from presidio_analyzer import EntityRecognizer

from gateway.detection.engine import Engine
from gateway.detection.readings.reader import Reader, Readings
from gateway.detection.readings.reading import Reading, ReadingKind
from gateway.detection.recognizers.registry import default_recognizers
from gateway.detection.resolve import Candidate, resolve
from gateway.exchange import Finding
from gateway.rules.detection import DetectionRules


class Detector(Protocol):
    """What the rest of the gateway asks."""

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = frozenset()
    ) -> list[tuple[Finding, ...]]:
        """For each text its findings: sorted by start, non-overlapping, offsets in code points of that very text.

        `kept` are the types that policy lets out as they are: where one overlaps another type, the other is the finding. As a
        `Kept` it also says which types are blocked: where one overlaps another type, the blocked one is the finding.

        Raises DetectionUnavailable; never leaves a text or a recognizer out.
        """


class Analyzer(Protocol):
    """The synchronous core that a detector drives."""

    def analyze(
        self, text: str, *, rules: DetectionRules, kept: Container[str], check: Callable[[], None]
    ) -> tuple[Finding, ...]:
        """Findings of one text, as `Detector.detect` gives them. Raises DetectionUnavailable.

        `check` is called between steps of the work, and raises when nobody waits for the answer any more.
        """


def _carry_on() -> None:
    """The `check` of one who waits as long as it takes."""


class PresidioDetector:
    """The core: any Presidio `EntityRecognizer`s, the gateway's own by default.

    `min_score` (0..1) is the score below which a result does not count; as in Presidio, one of a recognizer's context
    words close by lifts a weak result over it. `pattern_timeout_s` bounds a single pattern on a single text.
    """

    def __init__(
        self,
        recognizers: Iterable[EntityRecognizer] | None = None,
        *,
        min_score: float = 0.4,
        pattern_timeout_s: float = 5.0,
    ) -> None:
        self.recognizers = default_recognizers() if recognizers is None else tuple(recognizers)
        self._reader = Reader()
        self._engine = Engine(self.recognizers, min_score=min_score, pattern_timeout_s=pattern_timeout_s)

    def analyze(
        self,
        text: str,
        *,
        rules: DetectionRules = DetectionRules(),  # noqa: ARG002
        kept: Container[str] = frozenset(),
        check: Callable[[], None] = _carry_on,
    ) -> tuple[Finding, ...]:
        """Findings of one text. Raises DetectionUnavailable when a recognizer fails or answers nonsense."""
        if not text or text.isspace():
            return ()
        return resolve(text, self._candidates(text, check), kept)

    def _candidates(self, text: str, check: Callable[[], None]) -> Sequence[Candidate]:
        """What recognizers say; where a text is read in one way only, which that was need not be kept."""
        check()
        readings = self._reader.read(text, check)
        if readings.joined is None and len(readings.texts) == 1:
            read = readings.clearest.text
            return [*self._engine.patterns(read, check), *self._engine.names(read, check)]
        return [said.candidate for said in self._told(readings, text, check)]

    def _said(self, text: str, check: Callable[[], None]) -> Sequence[Said]:
        check()
        return self._told(self._reader.read(text, check), text, check)

    def _told(self, readings: Readings, text: str, check: Callable[[], None]) -> Sequence[Said]:
        """Patterns read every reading of the text, taggers only the clearest."""
        found = [Said.of(one, read) for read in readings.texts for one in self._engine.patterns(read.text, check)]
        names = [Said.of(one, readings.clearest) for one in self._engine.names(readings.clearest.text, check)]
        if readings.joined is None:
            return found + names
        return found + names + list(_credible(self._spelled(readings.joined, check), text, found))

    def _spelled(self, joined: Reading, check: Callable[[], None]) -> Iterator[Said]:
        found = self._engine.confirmed(joined.text, check)
        return (Said.of(one, joined) for one in found if joined.is_rewritten(one.finding.start, one.finding.end))


@dataclass(frozen=True, slots=True)
class Said:
    """What a recognizer said, with the offsets of the original; `value` is what it read there."""

    candidate: Candidate
    reading: ReadingKind
    value: str = field(repr=False)

    @classmethod
    def of(cls, candidate: Candidate, reading: Reading) -> Said:
        found = candidate.finding
        start, end = reading.original(found.start, found.end)
        if (start, end) != (found.start, found.end):
            candidate = Candidate(replace(found, start=start, end=end), candidate.rank)
        return cls(candidate, reading.kind, reading.text[found.start : found.end])


def _credible(spelled: Iterable[Said], text: str, known: Sequence[Said]) -> Iterator[Said]:
    """What has no check must not go on over what is a value without it: a number at a line's end, and one on the next.

    What has one must not either where the value is certain: of all that begins with a card number, some passes a check.
    Many values may lie in one long token of base64, so each span is looked at once.
    """
    taken = bytearray(len(text))
    for start, end in {(said.candidate.finding.start, said.candidate.finding.end) for said in known}:
        taken[start:end] = b"\1" * (end - start)
    certain = _Certain.of(known)
    for said in {said.candidate: said for said in spelled}.values():
        found = said.candidate.finding
        if taken.find(1, found.start, found.end) < 0 or (found.score >= 1 and not certain.lies_within(found)):
            yield said


@dataclass(frozen=True, slots=True)
class _Certain:
    """Values that the text as it is has beyond doubt: where they start, and the first end of all from there on."""

    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, known: Iterable[Said]) -> _Certain:
        said = (one.candidate.finding for one in known if one.reading is ReadingKind.AS_IT_IS)
        spans = sorted({(one.start, one.end) for one in said if one.score >= 1})
        ends = list(accumulate((end for _, end in reversed(spans)), min))[::-1]
        return cls([start for start, _ in spans], ends)

    def lies_within(self, found: Finding) -> bool:
        """Whether one of them is a part of what was found, and not all of it."""
        at, after = bisect_left(self.starts, found.start), bisect_right(self.starts, found.start)
        return self._first_end(at) < found.end or self._first_end(after) <= found.end

    def _first_end(self, at: int) -> float:
        return self.ends[at] if at < len(self.ends) else math.inf
