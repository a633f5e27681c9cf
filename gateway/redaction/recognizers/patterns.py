"""Pattern recognizers that hold beside Chinese characters and that weigh context.

Presidio's `\\b` sees no border between a Han character and a digit, so `手机13812345678` is missed. All patterns here are
bounded by look-arounds on ASCII letters and digits instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

Check: TypeAlias = Callable[[str], bool | None]
"""Presidio's verdict on a match: True is certain (score 1), None keeps the pattern's score, False drops it."""

WEAK = 0.5
STRONG = 0.7
CERTAIN = 0.9

WALL = " .\n"
"""Parts texts that share a page. Of what was tried between values that stand alone, this makes taggers miss least: they see
the end of a sentence, and the space keeps the full stop out of the value (1 % missed, against 10 % at a bare line break)."""

_LEFT, _RIGHT = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_NOT_AFTER_PART, _NOT_BEFORE_PART = r"(?<![0-9][-.])", r"(?![-.][0-9])"


def word(core: str) -> str:
    """`core` with no ASCII letter or digit on either side."""
    return f"{_LEFT}(?:{core}){_RIGHT}"


def number(core: str) -> str:
    """`word`, and also not a part of a longer dotted or dashed number (versions, UUIDs, decimals)."""
    return f"{_LEFT}{_NOT_AFTER_PART}(?:{core}){_RIGHT}{_NOT_BEFORE_PART}"


def digits(text: str) -> str:
    """The ASCII digits of `text`, without its separators."""
    return re.sub(r"[^0-9]", "", text)


def presidio_check(recognizer: PatternRecognizer) -> Check:
    """The checksum and the plausibility rules of one of Presidio's recognizers, for patterns of our own."""

    def check(text: str) -> bool | None:
        if recognizer.invalidate_result(text):
            return False
        return recognizer.validate_result(text)

    return check


class CheckedPatternRecognizer(PatternRecognizer):
    """Patterns of one entity with a `check`; a text without the substring `gate` is not searched.

    `flags` default to none, so that case matters and case folding adds no letters from outside ASCII.
    """

    def __init__(
        self,
        entity: str,
        patterns: Sequence[tuple[str, float]],
        *,
        name: str,
        check: Check | None = None,
        flags: int = 0,
        gate: str = "",
    ) -> None:
        self._check, self._gate = check, gate
        made = [Pattern(f"{name} {n}", regex, score) for n, (regex, score) in enumerate(patterns, 1)]
        super().__init__(supported_entity=entity, name=name, patterns=made, global_regex_flags=flags)

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,
        regex_flags: int | None = None,
    ) -> list[RecognizerResult]:
        return super().analyze(text, entities, nlp_artifacts, regex_flags) if self._gate in text else []

    def validate_result(self, pattern_text: str) -> bool | None:
        return None if self._check is None else self._check(pattern_text)


class ContextPatternRecognizer(CheckedPatternRecognizer):
    """Weak patterns that count only with one of `words` (English or Chinese) close by.

    `before` and `after` are the windows in characters. Presidio lifts a score by lemmas of the words around, which needs
    an English parser; here a window of text is enough and serves both languages.
    """

    def __init__(
        self,
        entity: str,
        patterns: Sequence[tuple[str, float]],
        *,
        words: Collection[str],
        name: str,
        check: Check | None = None,
        flags: int = 0,
        before: int = 48,
        after: int = 0,
    ) -> None:
        self._words = context_regex(words)
        self._before, self._after = before, after
        super().__init__(entity, patterns, name=name, check=check, flags=flags)

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,
        regex_flags: int | None = None,
    ) -> list[RecognizerResult]:
        found = super().analyze(text, entities, nlp_artifacts, regex_flags)
        return [result for result in found if self._in_context(text, result)]

    def _in_context(self, text: str, result: RecognizerResult) -> bool:
        return near(text, result.start, result.end, self._words, before=self._before, after=self._after)


def context_regex(words: Collection[str]) -> re.Pattern[str]:
    """A regex that finds any of `words`; an ASCII word must stand alone (a plural or a number may follow)."""
    ascii_words = sorted((w for w in words if w.isascii()), key=len, reverse=True)
    others = sorted((w for w in words if not w.isascii()), key=len, reverse=True)
    bounded = [rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, ascii_words))})(?:s|es)?(?![a-z])"] if ascii_words else []
    return re.compile("|".join([*bounded, *map(re.escape, others)]), re.IGNORECASE)


def near(text: str, start: int, end: int, words: re.Pattern[str], *, before: int = 48, after: int = 0) -> bool:
    """Whether one of `words` stands at most `before` characters before `start` or `after` characters after `end`.

    A form may have a label on one line and its value on the next; what `WALL` parts has nothing to do with each other.
    """
    left = text[max(0, start - before) : start].rpartition(WALL)[2]
    right = text[end : end + after].partition(WALL)[0]
    return words.search(f"{left}\n{right}") is not None
