"""Runs recognizers over one text: the gate first, then in pieces whoever has to look, and takes down what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import MappingProxyType

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NoOpNlpEngine

from gateway.detection.gate import Gate
from gateway.detection.pieces import Piece, overlapping, pieces
from gateway.detection.recognizers.context import context_regex, near
from gateway.detection.recognizers.guard import guard
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer, ContextPatternRecognizer
from gateway.detection.resolve import Candidate, Rank
from gateway.detection.taggers.tagging import Tagger
from gateway.errors import DetectionUnavailable
from gateway.exchange import Finding

_RANKS = MappingProxyType({"URL": Rank.CONTAINER, "SECRET": Rank.SECRET})


class Engine:
    """Recognizers of any kind over one text, which has a UTF-8 form; between two steps of the work it calls `check`.

    Taggers get pieces of their own size. Everybody else gets at most `PIECE` code points at once, or `FAR` if its patterns
    reach further than pieces commonly overlap; a step is a few milliseconds.
    """

    PIECE, OVERLAP = 16_384, CheckedPatternRecognizer.REACH
    FAR, FAR_OVERLAP = 65_536, 24_576
    CONTEXT_LIFT = 0.35

    def __init__(self, recognizers: Iterable[EntityRecognizer], *, min_score: float, pattern_timeout_s: float) -> None:
        everyone = tuple(recognizers)
        for recognizer in everyone:
            guard(recognizer, pattern_timeout_s)
        self._taggers = tuple(r for r in everyone if isinstance(r, Tagger))
        rest = tuple(r for r in everyone if not isinstance(r, Tagger))
        self._gate = Gate(rest)
        far = tuple(r for r in rest if isinstance(r, CheckedPatternRecognizer) and r.reach > self.OVERLAP)
        close = tuple(r for r in rest if r not in far)
        self._sweeps = ((Gate(close), self.PIECE, self.OVERLAP), (Gate(far), self.FAR, self.FAR_OVERLAP))
        self._min_score = min_score
        self._contexts = {id(r): context_regex(r.context) for r in everyone if r.context}
        self._artifacts: NlpArtifacts = _no_artifacts()

    def patterns(self, text: str, check: Callable[[], None]) -> list[Candidate]:
        """What everybody but the taggers finds. Raises DetectionUnavailable."""
        return [Candidate(found, _rank(found)) for _, all_found in self._found(text, check) for found in all_found]

    def confirmed(self, text: str, check: Callable[[], None]) -> Iterator[Candidate]:
        """Of `patterns` what passed a check, or stands behind a word that says what it is. Raises DetectionUnavailable."""
        for recognizer, all_found in self._found(text, check):
            explained = isinstance(recognizer, ContextPatternRecognizer)
            yield from (Candidate(found, _rank(found)) for found in all_found if explained or found.score >= 1)

    def names(self, text: str, check: Callable[[], None]) -> list[Candidate]:
        """What the taggers find. Raises DetectionUnavailable."""
        named: list[Candidate] = []
        for tagger in self._taggers:
            for offset, piece in pieces(text, tagger.PIECE):
                check()
                named += [Candidate(found, Rank.TAGGER) for found in self._told(tagger, offset, piece)]
        return named

    def _told(self, tagger: Tagger, offset: int, piece: str) -> list[Finding]:
        """What one tagger says counts as it says it: no context word lifts it, and its pieces share nothing to settle."""
        try:
            said = [one for one in tagger.find(piece) if one.entity in tagger.supported_entities]
            if not all(0 <= one.start < one.end <= len(piece) for one in said):
                raise ValueError("a tagger's offsets lie outside the text")
            found = [one for one in said if one.score >= self._min_score]
            return [replace(one, start=one.start + offset, end=one.end + offset) for one in found] if offset else found
        except Exception:  # noqa: BLE001 - a tagger's errors may quote the text
            raise DetectionUnavailable("a recognizer failed, so nothing was forwarded") from None

    def _found(self, text: str, check: Callable[[], None]) -> Iterator[tuple[EntityRecognizer, list[Finding]]]:
        if len(text) <= self.PIECE:
            yield from self._look(Piece(0, text), self._gate, check)
            return
        for gate, limit, overlap in self._sweeps:
            for piece in overlapping(text, limit, overlap):
                yield from self._look(piece, gate, check)

    def _look(self, piece: Piece, gate: Gate, check: Callable[[], None]) -> Iterator[tuple[EntityRecognizer, list[Finding]]]:
        check()
        for recognizer in gate.open(piece.text):
            check()
            yield recognizer, self._run(recognizer, piece)

    def _run(self, recognizer: EntityRecognizer, piece: Piece) -> list[Finding]:
        try:
            results = recognizer.analyze(piece.text, recognizer.supported_entities, self._artifacts)
            name = str(getattr(recognizer, "name", type(recognizer).__name__))
            return [_finding(name, result, piece.offset) for result in results if self._counts(recognizer, piece, result)]
        except Exception:  # noqa: BLE001 - recognizers are plugged in; their errors may quote the text
            raise DetectionUnavailable("a recognizer failed, so nothing was forwarded") from None

    def _counts(self, recognizer: EntityRecognizer, piece: Piece, result: RecognizerResult) -> bool:
        if not 0 <= result.start < result.end <= len(piece.text):
            raise ValueError("a recognizer's offsets lie outside the text")
        words = self._contexts.get(id(recognizer)) if result.score < self._min_score else None
        if words is not None and near(piece.text, result.start, words):
            result.score = max(result.score + self.CONTEXT_LIFT, self._min_score)
        return bool(result.score >= self._min_score) and piece.settles(result.start, result.end)


def _rank(found: Finding) -> Rank:
    return _RANKS.get(found.entity, Rank.PATTERN)


def _finding(name: str, result: RecognizerResult, offset: int) -> Finding:
    return Finding(result.start + offset, result.end + offset, result.entity_type, min(float(result.score), 1.0), name)


def _no_artifacts() -> NlpArtifacts:
    """What Presidio hands to recognizers when no language engine runs: the taggers bring their own."""
    engine = NoOpNlpEngine([{"lang_code": "en", "model_name": "none"}])
    engine.load()
    return engine.process_text("", "en")
