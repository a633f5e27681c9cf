"""A text through the tenant's real detection and the real redactor, under a key that everybody knows.

The libraries behind it take seconds to load, so this module is imported when a test has a text and not before.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.detection.engines import Engines
from gateway.detection.recognizers.plugins import Plugins
from gateway.errors import EntityBlocked
from gateway.exchange import Decision, Finding, Principal
from gateway.obligations import Obligations, OperatorKind
from gateway.policy.answer import Answer, reviewed
from gateway.redaction.redactor import Inspection, Redactor
from gateway.rules.detection import DetectionRules
from gateway.sensitivity.classifiers import Classifiers

TEST_KEY = hashlib.sha256(b"privacy gateway: tests of a policy").digest()
"""The key of hashes and surrogates in tests. It protects nothing: no gateway ever uses it."""


@dataclass(frozen=True, slots=True)
class Treated:
    """What became of a text; `redacted` is None where nothing may leave."""

    answer: Answer
    redacted: str | None = field(default=None, repr=False)


class Golden:
    """The recognizers, loaded once for all tests."""

    def __init__(self) -> None:
        self._classifiers = Classifiers()
        self._redactor = Redactor(_Inline(Engines(plugin=Plugins().recognizer)), TEST_KEY)

    def treated(self, decision: Decision, text: str, who: Principal) -> Treated:
        """Goes the way of a message. Raises DetectionUnavailable, ProtectionUnavailable and TextTooLong."""
        return asyncio.run(self._treated(decision, text, who)) if decision.obligations else Treated(Answer(decision))

    async def _treated(self, decision: Decision, text: str, who: Principal) -> Treated:
        inspection = await self._inspected(text, decision.obligations)
        decision = reviewed(decision, inspection.counts, await self._judged(text, decision.obligations, who))
        if decision.obligations is None:
            return Treated(Answer(decision))
        inspection = await self._inspected(text, decision.obligations)
        blocked = Counter(one.entity for one in inspection.findings if one.operator is OperatorKind.BLOCK)
        answer = Answer(decision, tuple(sorted(blocked)))
        try:
            redaction = await self._redactor.redact(inspection, tenant=decision.obligations.detection.tenant)
        except EntityBlocked:
            return Treated(answer)
        return Treated(answer, str(redaction.body["messages"][0]["content"]))

    async def _judged(self, text: str, obligations: Obligations | None, who: Principal) -> Mapping[str, float] | None:
        terms = None if obligations is None else obligations.content
        return None if terms is None else await self._classifiers.scores(terms.deciding(who.tenant, who.id), text)

    async def _inspected(self, text: str, obligations: Obligations | None) -> Inspection:
        if obligations is None:
            raise LookupError("a text is looked at where policy allows the exchange")
        return await self._redactor.inspect({"messages": [{"role": "user", "content": text}]}, obligations)


@dataclass(frozen=True, slots=True)
class _Inline:
    """A `Detector` that works where it is called: nobody else waits for this event loop."""

    engines: Engines = field(repr=False)

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = frozenset()
    ) -> list[tuple[Finding, ...]]:
        return [self.engines.analyze(text, rules=rules, kept=kept, check=_go_on) for text in texts]


def _go_on() -> None:
    """Nobody interrupts a test."""
