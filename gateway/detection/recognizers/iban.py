"""International bank account numbers (ISO 13616), checked by Presidio."""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import IbanRecognizer

from gateway.detection.gate import Gated
from gateway.detection.recognizers.patterns import STRONG, Form

_IBAN_FORM = Form.compiled(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])",
    STRONG,
)
_PART = re.compile("[A-Za-z0-9]+")
_SHORTEST = 15
"""Characters of one in Norway, without the spaces."""
_THIRD = re.compile(r"[0-9](?<=[A-Za-z]{2}[0-9])(?<![A-Za-z0-9][A-Za-z]{2}[0-9])(?=[0-9])")
"""The third character of one: digits are rarer than letters."""


class Iban(IbanRecognizer, Gated):
    """Presidio's check; in either case, and where words follow, the longest beginning that is an IBAN."""

    gate = (r"[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]{4}){2}",)

    def __init__(self) -> None:
        super().__init__(name="IbanRecognizer")
        self._metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: "IbanRecognizer",
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002 - the signature is Presidio's
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Presidio's call."""
        found = (self._result(match) for match in _IBAN_FORM.matches(text, [m.start() - 2 for m in _THIRD.finditer(text)]))
        return [result for result in found if result is not None]

    def _result(self, match: re.Match[str]) -> RecognizerResult | None:
        for end in _ends(match):
            verdict = self.validate_result(match.string[match.start() : end])
            if verdict is not False:
                score = 1.0 if verdict else STRONG
                return RecognizerResult("IBAN_CODE", match.start(), end, score, recognition_metadata=self._metadata)
        return None


def _ends(match: re.Match[str]) -> Iterator[int]:
    """Where it may end: behind each of its parts, the last one first. What follows it in capitals or not may be words."""
    ends = [part.end() for part in _PART.finditer(match.string, match.start(), match.end())]
    yield from (end for end in reversed(ends) if end - match.start() >= _SHORTEST)
