"""Policies and records as documents are drawn from them, small and without a gateway."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from gateway.assurance.evidence.counted import counted
from gateway.assurance.evidence.document import Document, Kind, Line
from gateway.assurance.evidence.drawn import Drawn, Recorded
from gateway.assurance.evidence.log_state import LogState, Signed
from gateway.assurance.evidence.survey import survey
from gateway.audit.event import Asked, ExchangeRecord, Outcome, Verdict
from gateway.exchange import FindingCount
from gateway.obligations import OperatorKind
from gateway.policy.compile import compile_policy
from gateway.policy.reading.load import load_policy
from gateway.protocol.wire import Surface

KNOWN = frozenset({"PERSON", "CN_ID", "CREDIT_CARD", "DATE_TIME", "NRP", "SECRET", "EMAIL_ADDRESS", "MEDICAL_RECORD_NUMBER"})
SINCE = "2026-08-01T00:00:00.000Z"
SIGNED = Signed(origin="example.com/log", size=7, root="cm9vdA==")

CAREFUL: dict[str, Any] = {
    "version": 1,
    "deployments": {"gpu": {"base_url": "https://gpu.example/v1", "region": "eu"}},
    "models": {"m": {"deployments": ["gpu"]}},
    "purposes": {"support": {"basis": "contract", "description": "Letters"}},
    "identity": {"people": {"olga": {"roles": ["privacy_officer"]}, "onno": {"roles": ["privacy_officer", "auditor"]}}},
    "tenants": {
        "bank": {
            "models": ["m"],
            "purposes": ["support"],
            "reply": {"entities": {"default": "mask"}},
            "limits": {"requests": "60/minute", "when_unavailable": "refuse"},
            "rules": {"health": {"when": "content.health > 0.9", "deny": "No."}},
            "principals": {"app": {}},
        }
    },
}
"""A policy in which the rules find nothing."""


def with_tenant(**parts: Any) -> dict[str, Any]:
    """The careful policy with parts of its tenant replaced; None takes one away."""
    tenant = {**CAREFUL["tenants"]["bank"], **parts}
    return {**CAREFUL, "tenants": {"bank": {name: part for name, part in tenant.items() if part is not None}}}


def drawn(
    folder: Path, policy: dict[str, Any] = CAREFUL, records: Iterable[ExchangeRecord] | None = None, *, signed: bool = True
) -> Drawn:
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(policy)), sort_keys=False))
    loaded = load_policy(path, known_entities=KNOWN, surrogate_entities=frozenset())
    compiled = compile_policy(loaded, {})
    recorded = None
    if records is not None:
        log = LogState(entries=9, first_at="2026-01-01T00:00:00.000Z", signed=SIGNED if signed else None)
        recorded = Recorded(counted=counted(records, SINCE), log=log)
    return Drawn(loaded=loaded, policy=compiled, tenants=survey(loaded, compiled), recorded=recorded)


def exchange(call_id: str = "call_1", **facts: Any) -> ExchangeRecord:
    """One that was answered; `facts` are fields of the record."""
    usual = ExchangeRecord(
        call_id=call_id,
        surface=Surface.CHAT,
        opened_at="2026-08-02T10:00:00.000Z",
        outcome=Outcome.COMPLETED,
        tenant="bank",
        principal="app",
        asked=Asked(model="m", purpose="support"),
        decision=Verdict(allow=True, rule="tenants.bank.models", reason="allowed", policy_version="0123456789ab"),
        findings=(found("PERSON", OperatorKind.PLACEHOLDER, 2),),
    )
    return replace(usual, **facts)


def found(entity: str, operator: OperatorKind, count: int) -> FindingCount:
    return FindingCount(entity=entity, operator=operator, recognizer="Some", count=count, max_score=0.9)


def lines(document: Document, *kinds: Kind) -> list[Line]:
    """Of some kinds, or all, the basis first."""
    blocks = [*document.basis, *(block for chapter in document.chapters for block in chapter.blocks)]
    return [block for block in blocks if isinstance(block, Line) and (not kinds or block.kind in kinds)]


def keys(document: Document, *kinds: Kind) -> list[str]:
    return [line.key for line in lines(document, *kinds)]
