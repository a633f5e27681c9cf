"""Pattern recognizers that hold beside Chinese characters and that weigh context.

Presidio's `\\b` sees no border between a Han character and a digit, so `手机13812345678` is missed. All patterns here are
bounded by look-arounds on ASCII letters and digits instead. They run on Python's `re`, without a time-out: each of them must
take linear time on any text.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from gateway.redaction.gate import Gated
from gateway.redaction.recognizers.context import WALL as WALL
from gateway.redaction.recognizers.context import Context, context_gate

Check: TypeAlias = Callable[[str], bool | None]
"""Presidio's verdict on a match: True is certain (score 1), None keeps the pattern's score, False drops it."""

WEAK = 0.5
STRONG = 0.7
CERTAIN = 0.9

DIGIT_FIRST = re.compile(r"[0-9](?<![A-Za-z0-9][\s\S])")
"""Where a number can begin, for `starts`."""
WORD_FIRST = re.compile(r"[A-Za-z0-9+(](?<![A-Za-z0-9][\s\S])")
"""Where a value with letters can begin."""


def starts_with(first: str, then: str) -> re.Pattern[str]:
    """For `starts`: a character of `first` that nothing is glued to on the left, before `then`."""
    return re.compile(rf"[{first}](?<![A-Za-z0-9][\s\S])(?={then})")


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


def digit_run(least: int, joints: str = " -") -> str:
    """The gate of a number of at least so many digits, with at most one of `joints` between two of them."""
    return f"[0-9](?:[{joints}]?[0-9]){{{least - 1}}}"


FIVE_DIGITS = "[0-9](?:[ ./()-]*[0-9]){4}"
"""The gate of numbers that a word has to explain: coarse, because many gates that count cost RE2 more than they spare."""


def presidio_check(recognizer: PatternRecognizer) -> Check:
    """The checksum and the plausibility rules of one of Presidio's recognizers, for patterns of our own."""

    def check(text: str) -> bool | None:
        if recognizer.invalidate_result(text):
            return False
        return recognizer.validate_result(text)

    return check


class Place(Protocol):
    """A match of `re` or of RE2."""

    def start(self) -> int: ...


class Starts(Protocol):
    """A compiled expression of `re` or RE2 that finds where matches can begin.

    One hit may hide no other place to begin: it has one character, or a match cannot begin beside what it consists of.
    """

    def finditer(self, text: str, pos: int = 0, endpos: int = sys.maxsize, /) -> Iterator[Place]: ...


@dataclass(frozen=True, slots=True)
class Form:
    """One compiled pattern, and the numbers of the groups where the value begins and ends."""

    regex: re.Pattern[str] = field(repr=False)
    score: float
    first: int = 0
    last: int = 0

    @classmethod
    def compiled(cls, pattern: str, score: float, flags: int = 0) -> Form:
        """The empty groups `start` and `end`, where the pattern has them, mark the value in what it matches."""
        regex = re.compile(pattern, flags)
        return cls(regex, score, regex.groupindex.get("start", 0), regex.groupindex.get("end", 0))

    def matches(self, text: str, places: Iterable[int] | None) -> Iterator[re.Match[str]]:
        """All matches, or only those that begin at `places` (in order), as if nothing else could begin one."""
        if places is None:
            yield from self.regex.finditer(text)
            return
        done = 0
        for place in places:
            match = self.regex.match(text, place) if place >= done else None
            if match is not None:
                done = match.end()
                yield match


class CheckedPatternRecognizer(PatternRecognizer, Gated):
    """Patterns of one entity with a `check`.

    `gate` as in `Gated`; `starts` finds the places where every match begins, at less cost than trying the patterns everywhere;
    `reach` bounds in characters what the patterns and their context take up. `flags` default to none, so that case matters and
    case folding adds no letters from outside ASCII.
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
        reach: int = REACH,
    ) -> None:
        self.gate, self.reach, self.starts, self._check = tuple(gate), reach, starts, check
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
        places = self._places(text)
        found = [self._result(text, form, m) for form in self.forms for m in form.matches(text, places)]
        return [result for result in found if result is not None]

    def _places(self, text: str) -> Sequence[int] | None:
        """Where matches can begin; None: anywhere."""
        return None if self.starts is None else [place.start() for place in self.starts.finditer(text)]

    def _result(self, text: str, form: Form, match: re.Match[str]) -> RecognizerResult | None:
        start, end = match.start(form.first), match.end(form.last)
        verdict = self.validate_result(text[start:end]) if start < end else False
        if verdict is False:
            return None
        score = 1.0 if verdict else form.score
        return RecognizerResult(self.supported_entities[0], start, end, score, recognition_metadata=self._metadata)

    def validate_result(self, pattern_text: str) -> bool | None:
        return None if self._check is None else self._check(pattern_text)


class ContextPatternRecognizer(CheckedPatternRecognizer):
    """Weak patterns that count only after one of `words` (English or Chinese), as `Context` says; they end in the gate.

    Presidio lifts a score by lemmas of the words around, which needs an English parser; here a window of text is enough and
    serves both languages. Only what begins in such a window is looked at.
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
    ) -> None:
        self._context, self._begins = Context(words, before, rivals), starts
        super().__init__(entity, patterns, name=name, gate=(*gate, context_gate(words)), check=check)

    def _places(self, text: str) -> Sequence[int]:
        windows = self._context.windows(text)
        return [place.start() for lo, hi in windows for place in self._begins.finditer(text, lo, hi)]
