"""Pattern recognizers that check what they match and weigh context; their patterns are made of `shapes`.

They run on Python's `re`, without a time-out: each of them must take linear time on any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from gateway.detection.gate import Gated
from gateway.detection.recognizers.context import WALL, Context, context_gate
from gateway.detection.recognizers.forms import Form, NotAfter, Starts
from gateway.detection.recognizers.shapes import DIGIT_FIRST, FIVE_DIGITS, STRONG, WEAK, WORD_FIRST, number, starts_with, word

__all__ = [
    "DIGIT_FIRST",
    "LONG",
    "STRONG",
    "WALL",
    "WEAK",
    "Check",
    "CheckedPatternRecognizer",
    "ContextPatternRecognizer",
    "Form",
    "number",
    "presidio_check",
    "starts_with",
    "word",
]

Check: TypeAlias = Callable[[str], bool | None]
"""Presidio's verdict on a match: True is certain (score 1), None keeps the pattern's score, False drops it."""


def presidio_check(recognizer: PatternRecognizer) -> Check:
    """The checksum and the plausibility rules of one of Presidio's recognizers, for patterns of our own."""

    def check(text: str) -> bool | None:
        if recognizer.invalidate_result(text):
            return False
        return recognizer.validate_result(text)

    return check


LONG = 20_480
"""`reach` of what may be long, in characters: keys (RSA of 16,384 bits are 12.7 KB), tokens, URLs."""


class CheckedPatternRecognizer(PatternRecognizer, Gated):
    """Patterns of one entity with a `check`.

    `gate` as in `Gated`; `starts` finds the places where every match begins, at less cost than trying the patterns everywhere;
    `not_after` drops matches by what stands before them; `reach` bounds in characters what the patterns and their context take
    up. `flags` default to none, so that case matters and case folding adds no letters from outside ASCII.
    """

    REACH = 2_048

    def __init__(
        self,
        entity: str,
        patterns: Sequence[tuple[str, float]],
        *,
        name: str,
        gate: Sequence[str] = (),
        check: Check | None = None,
        flags: int = 0,
        starts: Starts | None = None,
        not_after: NotAfter | None = None,
        reach: int = REACH,
    ) -> None:
        self.gate, self.reach, self.starts, self._check, self._not_after = tuple(gate), reach, starts, check, not_after
        self.forms = tuple(Form.compiled(regex, score, flags) for regex, score in patterns)
        made = [Pattern(f"{name} {n}", regex, score) for n, (regex, score) in enumerate(patterns, 1)]
        super().__init__(supported_entity=entity, name=name, patterns=made, global_regex_flags=flags)
        self._metadata = {RecognizerResult.RECOGNIZER_NAME_KEY: name, RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id}

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002 - the signature is Presidio's
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Presidio's call. The gate is not asked: that is for whoever has many recognizers to ask at once."""
        return self.results(text)

    def results(self, text: str) -> list[RecognizerResult]:
        """What is found in `text`."""
        places = self._places(text)
        if places is not None and not places:
            return []
        found = [self._result(text, form, m) for form in self.forms for m in form.matches(text, places)]
        return [result for result in found if result is not None]

    def _places(self, text: str) -> Sequence[int] | None:
        """Where matches can begin; None: anywhere."""
        return None if self.starts is None else [place.start() for place in self.starts.finditer(text)]

    def _result(self, text: str, form: Form, match: re.Match[str]) -> RecognizerResult | None:
        start, end = match.start(form.first), match.end(form.last)
        verdict = self.validate_result(text[start:end]) if start < end else False
        if verdict is not False and self._not_after is not None and self._not_after.forbids(text, start):
            return None
        if verdict is False:
            return None
        score = 1.0 if verdict else form.score
        return RecognizerResult(self.supported_entities[0], start, end, score, recognition_metadata=self._metadata)

    def validate_result(self, pattern_text: str) -> bool | None:
        return None if self._check is None else self._check(pattern_text)


class ContextPatternRecognizer(CheckedPatternRecognizer):
    """Weak patterns that count only after one of `words` (English or Chinese), as `Context` says; they end in the gate.

    Presidio lifts a score by lemmas of the words around, which needs an English parser; here a window of text is enough and
    serves both languages. Only what begins in such a window is looked at, and the nearer its word, the more it counts. Those of
    rare words may share a gate: `gate_words` are the words of all of them.
    """

    def __init__(
        self,
        entity: str,
        patterns: Sequence[tuple[str, float]],
        *,
        words: Collection[str],
        name: str,
        gate: Sequence[str] = (FIVE_DIGITS,),
        rivals: Collection[str] = (),
        check: Check | None = None,
        starts: re.Pattern[str] = WORD_FIRST,
        before: int = 48,
        gate_words: Collection[str] = (),
    ) -> None:
        self.words, self._context, self._begins = tuple(words), Context(words, before, rivals), starts
        super().__init__(entity, patterns, name=name, gate=(*gate, context_gate(gate_words or words)), check=check)

    def _places(self, text: str) -> Sequence[int]:
        windows = self._context.windows(text)
        return [place.start() for lo, hi in windows for place in self._begins.finditer(text, lo, hi)]

    def _result(self, text: str, form: Form, match: re.Match[str]) -> RecognizerResult | None:
        result = super()._result(text, form, match)
        if result is not None:
            result.score = self._context.weighed(text, result.start, result.score)
        return result
