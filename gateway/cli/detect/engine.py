"""The gateway's own parts on a command line: one text at a time, under a tenant's rules where a policy is given."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from presidio_analyzer import EntityRecognizer

from gateway.cli.common.entity_types import entity_types
from gateway.detection.engines import Engines, large_taggers
from gateway.detection.kept import Kept
from gateway.detection.recognizers import registry
from gateway.detection.recognizers.custom import custom_recognizer
from gateway.detection.recognizers.plugins import Plugins
from gateway.detection.service.paragraphs import paragraphs
from gateway.detection.trace import Trace, Tracer
from gateway.exchange import Finding
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.policy.compile import compile_policy
from gateway.policy.reading.load import load_policy
from gateway.policy.reading.problems import PolicyError, Problem
from gateway.redaction.redactor import Redactor
from gateway.redaction.refusals import refuse_too_long
from gateway.rules.detection import DetectionRules, PluginRules

Advance = Callable[[int], None]
"""Called with the number of code points that were just done."""

_NO_LIMIT = 1 << 62


def obligations(policy: Path | None, tenant: str | None, operator: OperatorKind | None) -> Obligations:
    """What policy wants done for this tenant; without a policy, every value becomes a placeholder. Raises PolicyError."""
    if policy is None:
        detection = DetectionRules(max_characters=_NO_LIMIT)
        own = Obligations(
            request=EntityRules(OperatorKind.PLACEHOLDER),
            reply=EntityRules(OperatorKind.KEEP),
            restore=False,
            detection=detection,
        )
    else:
        own = _of_tenant(policy, tenant or "")
    return own if operator is None else replace(own, request=EntityRules(operator))


class Workbench:
    """Recognizers, loaded once, and what can be asked of them under some obligations."""

    def __init__(self, own: Obligations) -> None:
        self._own = own
        self._plugins = Plugins()
        self._standard = registry.default_recognizers()
        self._large = tuple(large_taggers()) if own.detection.high_recall else ()
        self._engines = Engines(standard=lambda: self._standard, large=lambda: self._large, plugin=self._plugins.recognizer)

    def findings(self, text: str, advance: Advance) -> list[Finding]:
        """Read in the parts in which the gateway reads a message. Raises DetectionUnavailable, TextTooLong."""
        refuse_too_long([text], self._own.detection.max_characters)
        kept, found = Kept.by(self._own.request), []
        for offset, part in paragraphs(text):
            found += [_moved(one, offset) for one in self.analyze(part, kept, advance)]
            advance(len(part))
        return found

    def trace(self, text: str, findings: Sequence[Finding]) -> Trace:
        """Why these are the findings. Raises DetectionUnavailable."""
        return self._tracer.trace(text, findings)

    def redacted(self, text: str, advance: Advance) -> str:
        """What a model would get if this were the text of a message. Keys are random: hashes and surrogates differ each time.

        Raises DetectionUnavailable, TextTooLong, EntityBlocked.
        """
        return asyncio.run(self._redacted(text, advance))

    async def _redacted(self, text: str, advance: Advance) -> str:
        redactor = Redactor(_Inline(self, advance), secrets.token_bytes(32))
        inspection = await redactor.inspect({"messages": [{"role": "user", "content": text}]}, self._own)
        redaction = await redactor.redact(inspection, tenant=self._own.detection.tenant)
        return str(redaction.body["messages"][0]["content"])

    def analyze(self, text: str, kept: Container[str], advance: Advance) -> tuple[Finding, ...]:
        """One part of a text. Between the steps of the work it tells that nothing new is done yet."""
        return self._engines.analyze(text, rules=self._own.detection, kept=kept, check=lambda: advance(0))

    @cached_property
    def _tracer(self) -> Tracer:
        named = self._own.detection.recognizers
        own = [self._plugins.recognizer(r.plugin) if isinstance(r, PluginRules) else custom_recognizer(r) for r in named]
        recognizers: list[EntityRecognizer] = [*self._standard, *self._large, *own]
        return Tracer(recognizers)


@dataclass(frozen=True, slots=True)
class _Inline:
    """A `Detector` that works where it is called: nobody else waits for this event loop."""

    bench: Workbench = field(repr=False)
    advance: Advance

    async def detect(
        self,
        texts: Sequence[str],
        *,
        rules: DetectionRules = DetectionRules(),  # noqa: ARG002 - the bench has them
        kept: Container[str] = frozenset(),
    ) -> list[tuple[Finding, ...]]:
        return [self._one(text, kept) for text in texts]

    def _one(self, text: str, kept: Container[str]) -> tuple[Finding, ...]:
        found = self.bench.analyze(text, kept, self.advance)
        self.advance(len(text))
        return found


def _of_tenant(policy: Path, tenant: str) -> Obligations:
    known, surrogates = entity_types()
    loaded = load_policy(policy, known_entities=known, surrogate_entities=surrogates, plugins=Plugins().offer)
    standing = compile_policy(loaded, {}).of_tenant(tenant)
    if standing is None or not standing.grants:
        raise PolicyError([Problem(str(policy), 1, 1, "nobody of this tenant may use a model", "name another --tenant")])
    return standing.obligations(next(iter(standing.grants)), ())


def _moved(finding: Finding, by: int) -> Finding:
    return replace(finding, start=finding.start + by, end=finding.end + by) if by else finding
