"""The record of an ordinary chat request, entered again and again under other ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gateway.audit.event import Asked, ExchangeRecord, Outcome, Timings, Verdict
from gateway.audit.log import Entry, Phase, entry_of
from gateway.exchange import FindingCount
from gateway.obligations import OperatorKind
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface

_AT = "2026-01-02T03:04:05.678Z"


def record(outcome: Outcome) -> Callable[[int, Phase], Entry]:
    """Makes entries that differ in their ids alone, so that making them costs next to nothing."""
    made = entry_of(_sample(outcome), Phase.OPENED)

    def entry(number: int, phase: Phase) -> Entry:
        return replace(made, call_id=f"call_{number:032x}", phase=phase)

    return entry


def _sample(outcome: Outcome) -> ExchangeRecord:
    found = tuple(
        FindingCount(entity=entity, operator=OperatorKind.PLACEHOLDER, recognizer="pattern", count=count, max_score=0.85)
        for entity, count in (("PERSON", 3), ("EMAIL_ADDRESS", 1), ("PHONE_NUMBER", 1))
    )
    verdict = Verdict(
        allow=True,
        rule="tenants.acme",
        reason="The tenant may use this model.",
        policy_version="3f9a1c2e5b7d",
        obligations=("redact PERSON as placeholder", "restore", "keep for 30 days"),
    )
    return ExchangeRecord(
        call_id="call",
        surface=Surface.CHAT,
        opened_at=_AT,
        outcome=outcome,
        tenant="acme",
        principal="app",
        key_id="pgw_abcdefgh",
        model="assistant",
        asked=Asked(model="assistant", messages=3, bytes=2_400, max_tokens=500, found={"PERSON": 3, "EMAIL_ADDRESS": 1}),
        decision=verdict,
        findings=found,
        deployment="local",
        usage=Usage(input_tokens=600, output_tokens=200, finish_reasons=("stop",)),
        timings_ms=Timings(decided=0.4, committed=2.1, first_event=80.0, total=900.0),
        status=None if outcome is Outcome.INCOMPLETE else 200,
    )
