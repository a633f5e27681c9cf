"""A tenant's own recognizers: patterns, which RE2 matches, and lists of names. Both take linear time on any text.

They have no gate: a pattern that somebody else writes may be more than one automaton for all gates can hold.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import re2

from gateway.detection.recognizers.context import WALL, context_regex
from gateway.detection.recognizers.name_list import NameList, Span
from gateway.detection.recognizers.named_checks import named_check
from gateway.detection.recognizers.spans import Said, SpanRecognizer
from gateway.rules.detection import PatternRules, WordRules

REACH = 48
"""Code points between a value and a context word that speaks for it."""


def custom_recognizer(rules: PatternRules | WordRules) -> OwnRecognizer:
    """Raises re2.error for a pattern that RE2 does not take; a policy that was loaded has none."""
    return OwnPatterns(rules) if isinstance(rules, PatternRules) else OwnNames(rules)


class OwnRecognizer(SpanRecognizer):
    """One of a single entity, of which each finding has the score that the policy gives it."""

    def __init__(self, entity: str, score: float, name: str) -> None:
        self._entity, self._score = entity, score
        super().__init__([entity], name)

    @abstractmethod
    def spans(self, text: str) -> Iterable[Span]:
        """Where the entity stands in `text`, which has a UTF-8 form."""

    def said(self, text: str) -> Iterator[Said]:
        for start, end in self.spans(text):
            yield self._entity, start, end, self._score


class OwnPatterns(OwnRecognizer):
    """RE2 patterns as they are written, with a checksum and context words where the policy names them."""

    def __init__(self, rules: PatternRules) -> None:
        self._regexes = tuple(re2.compile(pattern, _options()) for pattern in rules.patterns)
        self._words = context_regex(rules.context) if rules.context else None
        self._holds: Callable[[str], bool] | None = named_check(rules.checksum) if rules.checksum else None
        super().__init__(rules.entity, rules.score, f"policy pattern {rules.entity}")

    def spans(self, text: str) -> Iterable[Span]:
        found = [match.span() for regex in self._regexes for match in regex.finditer(text) if match.group()]
        if self._holds is not None:
            found = [(start, end) for start, end in found if self._holds(text[start:end])]
        return found if self._words is None or not found else _in_context(text, found, self._words)


class OwnNames(OwnRecognizer):
    """A list of names."""

    def __init__(self, rules: WordRules) -> None:
        self._names = NameList(rules.words, ignore_case=rules.ignore_case)
        super().__init__(rules.entity, rules.score, f"policy list {rules.entity}")

    def spans(self, text: str) -> Iterable[Span]:
        return self._names.find(text)


def _in_context(text: str, spans: Iterable[Span], words: re.Pattern[str]) -> list[Span]:
    places = [match.span() for match in words.finditer(text)]
    starts = [start for start, _ in places]
    return [span for span in spans if any(_speaks_for(text, word, span) for word in _next_to(places, starts, span))]


def _next_to(places: Sequence[Span], starts: Sequence[int], span: Span) -> Sequence[Span]:
    """The last word that begins before `span` does, and the one after it."""
    at = bisect_right(starts, span[0])
    return places[max(at - 1, 0) : at + 1]


def _speaks_for(text: str, word: Span, span: Span) -> bool:
    left, right = min(word[1], span[1]), max(word[0], span[0])
    return right - left <= REACH and WALL not in text[left:right]


def _options() -> Any:
    """With RE2's own bound of memory, under which policy tried the pattern."""
    options = re2.Options()
    options.log_errors, options.never_capture = False, True
    return options
