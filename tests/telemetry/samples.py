"""A record of an exchange and the access that belongs to it, with every field that a line may have."""

from __future__ import annotations

from dataclasses import replace

from opentelemetry.trace import SpanContext

from gateway.audit.event import Asked, ExchangeRecord, Outcome, Timings, Verdict
from gateway.exchange import CacheState, FindingCount
from gateway.obligations import OperatorKind
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface
from gateway.telemetry.lines import Access

MAIL = FindingCount(entity="EMAIL_ADDRESS", operator=OperatorKind.PLACEHOLDER, recognizer="email", count=2, max_score=1.0)
VERDICT = Verdict(
    allow=True,
    rule="tenants.acme.models",
    reason="model small is listed for acme/bob",
    policy_version="v1",
    rules=("rules.night",),
    obligations=("request *=placeholder", "reply restored"),
)
RECORD = ExchangeRecord(
    call_id="req_1",
    surface=Surface.CHAT,
    opened_at="2026-01-02T03:04:05.678Z",
    outcome=Outcome.COMPLETED,
    tenant="acme",
    principal="bob",
    team="blue",
    roles=("staff",),
    key_id="pg_1",
    model="small",
    stream=True,
    asked=Asked(model="small", purpose="support", consent="consent-7"),
    decision=VERDICT,
    findings=(MAIL, replace(MAIL, recognizer="list", count=1), replace(MAIL, entity="CUSTOM", count=1)),
    deployment="local",
    cache=CacheState.MISS,
    status=200,
)
ACCESS = Access(
    method="POST", route="/v1/chat/completions", call_id="req_1", status=200, received=120, sent=900, duration_ms=12.5
)
SPAN = SpanContext(trace_id=7, span_id=8, is_remote=False)
AT = 1_767_323_045_678_000_000
"""2026-01-02T03:04:05.678Z, in nanoseconds."""

COUNTED = replace(
    RECORD,
    cost=1_000,
    counted_locally=True,
    usage=Usage(input_tokens=3, output_tokens=2),
    timings_ms=Timings(committed=1.0, first_event=2.0, total=3.0),
)
"""The same with all that metrics count."""
