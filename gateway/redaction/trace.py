"""Why something is a finding: who voted for it, what decided, and what was found but lost in resolution."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from presidio_analyzer import EntityRecognizer, PatternRecognizer

from gateway.exchange import Finding
from gateway.redaction.detect import PresidioDetector
from gateway.redaction.gate import Gated
from gateway.redaction.normalise import normalise
from gateway.redaction.recognizers.context import WALL
from gateway.redaction.recognizers.patterns import ContextPatternRecognizer
from gateway.redaction.recognizers.tagging import Tagger
from gateway.redaction.resolve import Candidate

_BEFORE = 64
"""Code points before a value in which its context word is looked for; words reach no further."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What one recognizer said. `reason` is in words; `lost`: the finding has another span, type or recognizer."""

    finding: Finding
    reason: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding and the votes on its characters. `reading` is what the recognizers read where that is not the text itself."""

    finding: Finding
    votes: tuple[Vote, ...]
    reading: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Trace:
    """Explanations of all findings; `dropped` are votes on what is no finding at all, as where policy allows the value."""

    explanations: tuple[Explanation, ...]
    dropped: tuple[Vote, ...]


class Tracer(PresidioDetector):
    """A detector that also tells what its recognizers said before resolution."""

    def trace(self, text: str, findings: Sequence[Finding]) -> Trace:
        """Why these are the findings of `text`. Raises DetectionUnavailable."""
        candidates = [] if text.isspace() else list(self._candidates(text, normalise(text), _carry_on))
        votes = [self._vote(text, candidate, findings) for candidate in _distinct(candidates)]
        explained = tuple(Explanation(one, _on(votes, one), _reading(text, one)) for one in findings)
        dropped = tuple(vote for vote in votes if not any(_touch(vote.finding, one) for one in findings))
        return Trace(explained, dropped)

    def _vote(self, text: str, candidate: Candidate, findings: Sequence[Finding]) -> Vote:
        found = candidate.finding
        recognizer = next((r for r in self.recognizers if _name(r) == found.recognizer), None)
        return Vote(found, _reason(recognizer, text, found), found not in findings)


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Patterns read a text and its readable copy, and mostly say the same of both."""
    return sorted(dict.fromkeys(candidates), key=lambda one: (one.finding.start, -one.rank, -one.finding.score))


def _on(votes: Iterable[Vote], finding: Finding) -> tuple[Vote, ...]:
    return tuple(vote for vote in votes if _touch(vote.finding, finding))


def _touch(one: Finding, other: Finding) -> bool:
    return one.start < other.end and other.start < one.end


def _reading(text: str, finding: Finding) -> str | None:
    value = text[finding.start : finding.end]
    copy = normalise(value)
    return None if copy is None or copy.text == value else copy.text


def _name(recognizer: EntityRecognizer) -> str:
    return str(getattr(recognizer, "name", type(recognizer).__name__))


def _reason(recognizer: EntityRecognizer | None, text: str, found: Finding) -> str:
    value = _reading(text, found) or text[found.start : found.end]
    parts = [_kind(recognizer)]
    if isinstance(recognizer, PatternRecognizer) and recognizer.validate_result(value):
        parts.append("its check passed")
    if isinstance(recognizer, ContextPatternRecognizer):
        word = _context_word(recognizer, text[max(0, found.start - _BEFORE) : found.start])
        parts.append(f"after the word {word!r}" if word else "after one of its words")
    return ", ".join(parts)


def _kind(recognizer: EntityRecognizer | None) -> str:
    if isinstance(recognizer, Tagger):
        return "tagger"
    return "form" if isinstance(recognizer, PatternRecognizer | Gated) else "recognizer"


def _context_word(recognizer: ContextPatternRecognizer, before: str) -> str | None:
    """The nearest of the recognizer's words; one inside a longer word does not count."""
    found = [m for m in _words(recognizer).finditer(before.rpartition(WALL)[2] or before) if _stands_alone(m)]
    return found[-1][0] if found else None


def _words(recognizer: ContextPatternRecognizer) -> re.Pattern[str]:
    """The alternation that the recognizer's last gate is, the longest word first."""
    words = recognizer.gate[-1].removeprefix("(?i)").split("|")
    return re.compile("|".join(sorted(words, key=len, reverse=True)), re.IGNORECASE)


def _stands_alone(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:2].removeprefix("s")[:1]
    return not match[0].isascii() or not (_is_letter(before) or (_is_letter(after) and match[0][-1].isalnum()))


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _carry_on() -> None:
    """The `check` of one who waits as long as it takes."""
