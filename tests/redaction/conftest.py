from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence

import pytest

from gateway.errors import DetectionUnavailable
from gateway.exchange import Finding


class KnownValues:
    """A detector that knows its values by heart: what is tested here is what happens to findings, not how they are found."""

    def __init__(self, entities: Mapping[str, str]) -> None:
        self._entities = dict(entities)
        self.pages: list[str] = []
        self.kept: Container[str] = frozenset()

    async def detect(
        self, texts: Sequence[str], *, kept: Container[str] = frozenset(), **_: object
    ) -> list[tuple[Finding, ...]]:
        self.kept = kept
        self.pages.extend(texts)
        if any("CRASH" in text for text in texts):
            raise DetectionUnavailable("no")
        return [self._findings(text) for text in texts]

    def _findings(self, text: str) -> tuple[Finding, ...]:
        pattern = "|".join(sorted(map(re.escape, self._entities), key=len, reverse=True))
        return tuple(Finding(m.start(), m.end(), self._entities[m.group()], 0.9, "known") for m in re.finditer(pattern, text))


@pytest.fixture
def detector() -> KnownValues:
    return KnownValues(
        {
            "Ann Lee": "PERSON",
            "Bob": "PERSON",
            "ann@x.org": "EMAIL_ADDRESS",
            "4111": "CREDIT_CARD",
            "Paris": "LOCATION",
            "hunter2": "SECRET",
        }
    )
