"""International bank account numbers (ISO 13616), checked by Presidio."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from presidio_analyzer import RecognizerResult
from presidio_analyzer.predefined_recognizers import IbanRecognizer

from gateway.detection.recognizers.patterns import STRONG, CheckedPatternRecognizer, Form, presidio_check

_FORM = r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
_PART = re.compile("[A-Za-z0-9]+")
_SHORTEST = 15
"""Characters of one in Norway, without the spaces."""
_THIRD = re.compile(r"[0-9](?<=[A-Za-z]{2}[0-9])(?<![A-Za-z0-9][A-Za-z]{2}[0-9])(?=[0-9])")
"""The third character of one: digits are rarer than letters."""


class Iban(CheckedPatternRecognizer):
    """Presidio's check; in either case, and where words follow, the longest beginning that is an IBAN."""

    def __init__(self) -> None:
        theirs = IbanRecognizer()
        gate = [r"[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]{4}){2}"]
        super().__init__("IBAN_CODE", [(_FORM, STRONG)], name="IbanRecognizer", gate=gate, check=presidio_check(theirs))
        self.context = theirs.context

    def _places(self, text: str) -> Sequence[int]:
        return [third.start() - 2 for third in _THIRD.finditer(text)]

    def _result(self, text: str, form: Form, match: re.Match[str]) -> RecognizerResult | None:
        for end in _ends(match):
            verdict = self.validate_result(text[match.start() : end])
            if verdict is not False:
                score = 1.0 if verdict else form.score
                return RecognizerResult("IBAN_CODE", match.start(), end, score, recognition_metadata=self._metadata)
        return None


def _ends(match: re.Match[str]) -> Iterator[int]:
    """Where it may end: behind each of its parts, the last one first. What follows it in capitals or not may be words."""
    ends = [part.end() for part in _PART.finditer(match.string, match.start(), match.end())]
    yield from (end for end in reversed(ends) if end - match.start() >= _SHORTEST)
