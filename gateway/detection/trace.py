"""Why something is a finding: who voted for it, what decided, and what was found but lost in resolution."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from presidio_analyzer import EntityRecognizer, PatternRecognizer

from gateway.detection.detect import PresidioDetector, Said
from gateway.detection.gate import Gated
from gateway.detection.readings.reading import ReadingKind
from gateway.detection.recognizers.context import WALL
from gateway.detection.recognizers.patterns import ContextPatternRecognizer
from gateway.detection.resolve import Candidate
from gateway.detection.service.paragraphs import paragraphs
from gateway.detection.taggers.tagging import Tagger
from gateway.exchange import Finding

_BEFORE = 64
"""Code points before a value in which its context word is looked for; words reach no further."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What one recognizer said. `reason` is in words; `lost`: the finding has another span, type or recognizer.

    `value` is what it read, which is not what the text has there where the `reading` is another than the text as it is.
    """

    finding: Finding
    reason: str
    lost: bool
    reading: ReadingKind
    value: str = field(repr=False)


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
        """Why these are the findings of `text`: sorted and without overlap, as resolution leaves them.

        The text is read in its paragraphs, as the gateway reads a message. Raises DetectionUnavailable.
        """
        known = frozenset(findings)
        votes = [self._vote(text, said, known) for said in _distinct(self._all_said(text))]
        on_each, dropped = _shared_out(votes, findings)
        explained = (Explanation(one, tuple(own), _read(text, one, own)) for one, own in zip(findings, on_each, strict=True))
        return Trace(tuple(explained), tuple(dropped))

    def _all_said(self, text: str) -> Iterator[Said]:
        for offset, part in paragraphs(text):
            for said in () if part.isspace() else self._said(part, _carry_on):
                found = said.candidate.finding
                moved = replace(found, start=found.start + offset, end=found.end + offset)
                yield replace(said, candidate=replace(said.candidate, finding=moved))

    def _vote(self, text: str, said: Said, findings: Container[Finding]) -> Vote:
        found = said.candidate.finding
        reason = _reason(self._by_name.get(found.recognizer), text, said)
        return Vote(found, reason, found not in findings, said.reading, said.value)

    @cached_property
    def _by_name(self) -> Mapping[str, EntityRecognizer]:
        return {str(getattr(one, "name", type(one).__name__)): one for one in self.recognizers}


def _distinct(everything: Iterable[Said]) -> list[Said]:
    """Patterns read several readings of a text, and mostly say the same of all: then the text as it is counts."""
    first: dict[Candidate, Said] = {}
    for said in everything:
        first.setdefault(said.candidate, said)
    return sorted(first.values(), key=_place)


def _place(said: Said) -> tuple[int, int, float]:
    return said.candidate.finding.start, -said.candidate.rank, -said.candidate.finding.score


def _shared_out(votes: Iterable[Vote], findings: Sequence[Finding]) -> tuple[list[list[Vote]], list[Vote]]:
    """For each finding the votes that touch it, and the votes that touch none."""
    starts, ends = [one.start for one in findings], [one.end for one in findings]
    on_each: list[list[Vote]] = [[] for _ in findings]
    dropped = []
    for vote in votes:
        touched = range(bisect_right(ends, vote.finding.start), bisect_left(starts, vote.finding.end))
        for at in touched:
            on_each[at].append(vote)
        if not touched:
            dropped.append(vote)
    return on_each, dropped


def _read(text: str, finding: Finding, votes: Iterable[Vote]) -> str | None:
    """What those who decided have read, where the text says it differently."""
    value = text[finding.start : finding.end]
    return next((vote.value for vote in votes if not vote.lost and vote.value != value), None)


def _reason(recognizer: EntityRecognizer | None, text: str, said: Said) -> str:
    parts = [_kind(recognizer)]
    if isinstance(recognizer, PatternRecognizer) and recognizer.validate_result(said.value):
        parts.append("its check passed")
    if isinstance(recognizer, ContextPatternRecognizer):
        start = said.candidate.finding.start
        word = _context_word(recognizer, text[max(0, start - _BEFORE) : start])
        parts.append(f"after the word {word!r}" if word else "after one of its words")
    if said.reading is not ReadingKind.AS_IT_IS:
        parts.append(f"read {said.reading}")
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
