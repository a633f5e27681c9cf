"""What the recognizers that find places in their own way share: Presidio's call, and the name that stands on each result."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import TypeAlias

from presidio_analyzer import LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

Said: TypeAlias = tuple[str, int, int, float]
"""An entity, where it starts and ends in the text, and a score (0..1)."""


class SpanRecognizer(LocalRecognizer):
    """Asks `said` what stands in a text."""

    def __init__(self, entities: Iterable[str], name: str) -> None:
        super().__init__(supported_entities=list(entities), name=name)
        self._metadata = {RecognizerResult.RECOGNIZER_NAME_KEY: name, RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id}

    def load(self) -> None:
        """Presidio's hook; there is nothing to load."""

    @abstractmethod
    def said(self, text: str) -> Iterable[Said]:
        """What is found in `text`, which has a UTF-8 form; in any order, and it may overlap."""

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002 - the signature is Presidio's
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Presidio's call."""
        metadata = self._metadata
        return [
            RecognizerResult(entity, start, end, score, recognition_metadata=metadata)
            for entity, start, end, score in self.said(text)
        ]
