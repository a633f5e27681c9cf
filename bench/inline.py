"""A detector without threads, so that the CPU time of a call is that of the work."""

from __future__ import annotations

from collections.abc import Container, Sequence

from gateway.detection.detect import PresidioDetector
from gateway.exchange import Finding
from gateway.rules.detection import DetectionRules


class InlineDetector:
    """A `Detector` that works where it is called."""

    def __init__(self, core: PresidioDetector) -> None:
        self._core = core

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = frozenset()
    ) -> list[tuple[Finding, ...]]:
        return [self._core.analyze(text, rules=rules, kept=kept) for text in texts]
