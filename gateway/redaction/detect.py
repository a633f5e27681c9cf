"""Finds personal data in texts: runs the recognizers, resolves what they say, refuses when one of them cannot answer."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NoOpNlpEngine

from gateway.errors import DetectionUnavailable
from gateway.exchange import DetectionRules, Finding
from gateway.redaction.normalise import Normalised, normalise
from gateway.redaction.recognizers.contact import InternationalPhone
from gateway.redaction.recognizers.guard import guard
from gateway.redaction.recognizers.patterns import context_regex, near
from gateway.redaction.recognizers.pieces import pieces
from gateway.redaction.recognizers.registry import default_recognizers
from gateway.redaction.recognizers.tagging import Tagger
from gateway.redaction.resolve import Candidate, Rank, resolve

_RANKS = MappingProxyType({"URL": Rank.CONTAINER, "SECRET": Rank.SECRET})


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

    CONTEXT_LIFT = 0.35

    def __init__(
        self,
        recognizers: Iterable[EntityRecognizer] | None = None,
        *,
        min_score: float = 0.4,
        pattern_timeout_s: float = 5.0,
    ) -> None:
        self.recognizers = default_recognizers() if recognizers is None else tuple(recognizers)
        for recognizer in self.recognizers:
            guard(recognizer, pattern_timeout_s)
        self._min_score = min_score
        self._contexts = {id(r): context_regex(r.context) for r in self.recognizers if r.context}
        self._artifacts: NlpArtifacts = _no_artifacts()

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
        for recognizer in self.recognizers:
            if copy is None or not isinstance(recognizer, Tagger):
                yield from self._in_pieces(recognizer, text, check)
            if copy is not None and copy.text:
                yield from (_at(candidate, copy.original) for candidate in self._in_pieces(recognizer, copy.text, check))

    def _in_pieces(self, recognizer: EntityRecognizer, text: str, check: Callable[[], None]) -> Iterator[Candidate]:
        """The whole text at once; for a recognizer that is slow in pieces, between which there is time to `check`."""
        limit = recognizer.PIECE if isinstance(recognizer, Tagger | InternationalPhone) else len(text)
        for offset, piece in pieces(text, limit):
            check()
            yield from (_at(candidate, partial(_shifted, offset)) for candidate in self._run(recognizer, piece))

    def _run(self, recognizer: EntityRecognizer, text: str) -> list[Candidate]:
        try:
            results = recognizer.analyze(text, recognizer.get_supported_entities(), self._artifacts)
            return [_candidate(recognizer, result) for result in results if self._counts(recognizer, text, result)]
        except Exception:  # noqa: BLE001 - recognizers are plugged in; their errors may quote the text
            raise DetectionUnavailable("a recognizer failed, so nothing was forwarded") from None

    def _counts(self, recognizer: EntityRecognizer, text: str, result: RecognizerResult) -> bool:
        if not 0 <= result.start < result.end <= len(text):
            raise ValueError("a recognizer's offsets lie outside the text")
        words = self._contexts.get(id(recognizer))
        if result.score < self._min_score and words is not None and near(text, result.start, result.end, words):
            result.score = max(result.score + self.CONTEXT_LIFT, self._min_score)
        return bool(result.score >= self._min_score)


def _candidate(recognizer: EntityRecognizer, result: RecognizerResult) -> Candidate:
    name: Any = getattr(recognizer, "name", type(recognizer).__name__)
    found = Finding(result.start, result.end, result.entity_type, min(float(result.score), 1.0), str(name))
    return Candidate(found, _rank(recognizer, result))


def _rank(recognizer: EntityRecognizer, result: RecognizerResult) -> Rank:
    if isinstance(recognizer, Tagger):
        return Rank.TAGGER
    return _RANKS.get(result.entity_type, Rank.PATTERN)


def _at(candidate: Candidate, place: Callable[[int, int], tuple[int, int]]) -> Candidate:
    """The candidate where `place` says that its span is."""
    start, end = place(candidate.finding.start, candidate.finding.end)
    return replace(candidate, finding=replace(candidate.finding, start=start, end=end))


def _shifted(offset: int, start: int, end: int) -> tuple[int, int]:
    return start + offset, end + offset


def _no_artifacts() -> NlpArtifacts:
    """What Presidio hands to recognizers when no language engine runs: the taggers bring their own."""
    engine = NoOpNlpEngine([{"lang_code": "en", "model_name": "none"}])
    engine.load()
    return engine.process_text("", "en")
