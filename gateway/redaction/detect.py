"""Finds personal data in texts: runs the recognizers, resolves what they say, refuses when one of them cannot answer."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Protocol

from presidio_analyzer import EntityRecognizer

from gateway.exchange import DetectionRules, Finding
from gateway.redaction.engine import Engine
from gateway.redaction.normalise import Normalised, normalise
from gateway.redaction.recognizers.registry import default_recognizers
from gateway.redaction.resolve import Candidate, resolve


class Detector(Protocol):
    """What the rest of the gateway asks."""

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = frozenset()
    ) -> list[tuple[Finding, ...]]:
        """For each text its findings: sorted by start, non-overlapping, offsets in code points of that very text.

        `kept` are the types that policy lets out as they are: where one overlaps another type, the other is the finding.

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
        return resolve(text, self._candidates(text, normalise(text), check), kept)

    def _candidates(self, text: str, copy: Normalised | None, check: Callable[[], None]) -> Iterator[Candidate]:
        """Patterns read the text and its readable copy, taggers only the more readable of the two."""
        yield from self._engine.patterns(text, check)
        if copy is None:
            yield from self._engine.names(text, check)
        elif copy.text:
            found = chain(self._engine.patterns(copy.text, check), self._engine.names(copy.text, check))
            yield from (_at(candidate, copy.original) for candidate in found)


def _at(candidate: Candidate, place: Callable[[int, int], tuple[int, int]]) -> Candidate:
    """The candidate where `place` says that its span is."""
    start, end = place(candidate.finding.start, candidate.finding.end)
    return replace(candidate, finding=replace(candidate.finding, start=start, end=end))
