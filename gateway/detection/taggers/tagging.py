"""What the taggers share: their place among recognizers.

A tagger is replaced by subclassing `Tagger`: `tag` gets a text of at most `PIECE` code points and yields spans, which then pass
the sieve. The engine asks `find`; `analyze` is the same for whoever knows a Presidio recognizer only.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from presidio_analyzer import LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from gateway.detection.taggers.sieve import Sieve, Tag, trimmed
from gateway.exchange import Finding

TAGGED_ENTITIES = ("PERSON", "LOCATION", "ORGANIZATION", "NRP")
"""What the gateway's own taggers find."""


class Tagger(LocalRecognizer):
    """A statistical recognizer: where a pattern says otherwise, the pattern is believed."""

    SCORE = 0.8
    SIEVED = True
    """Whether its spans must pass the sieve: what has not been trained on code and forms wants one."""
    PIECE = 10_000
    """Code points that the detector hands over at once: about a second of work, after which it looks around."""

    def __init__(self, name: str, entities: Iterable[str] = TAGGED_ENTITIES) -> None:
        self._name = name
        super().__init__(supported_entities=list(entities), name=name)

    def load(self) -> None:
        """Presidio's hook; models are loaded by the constructors."""

    @abstractmethod
    def tag(self, text: str) -> Iterable[Tag]:
        """Spans in `text`; they may overlap, and need not be sorted."""

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002 - the signature is Presidio's
    ) -> list[RecognizerResult]:
        """Presidio's call; `entities` selects, the artefacts of Presidio's own language engine are not needed."""
        return [self._result(finding) for finding in self.find(text) if finding.entity in entities]

    def find(self, text: str) -> list[Finding]:
        """What is found in `text`: trimmed, sieved, in no order, with the tagger's name."""
        tags = (trimmed(text, tag) for tag in self.tag(text))
        passes = Sieve(text).is_plausible if self.SIEVED else _is_anything
        return [self._finding(tag) for tag in tags if passes(tag)]

    def _finding(self, tag: Tag) -> Finding:
        return Finding(tag.start, tag.end, tag.entity, self.SCORE if tag.score is None else tag.score, self._name)

    def _result(self, finding: Finding) -> RecognizerResult:
        metadata = {RecognizerResult.RECOGNIZER_NAME_KEY: self._name, RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id}
        return RecognizerResult(finding.entity, finding.start, finding.end, finding.score, recognition_metadata=metadata)


def _is_anything(tag: Tag) -> bool:
    return tag.end > tag.start
