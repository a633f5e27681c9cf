"""The names are those of the conventions, and a record becomes attributes and labels without content."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv._incubating.attributes import http_attributes as more_http_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics
from opentelemetry.semconv.attributes import (
    client_attributes,
    error_attributes,
    exception_attributes,
    http_attributes,
    server_attributes,
)

import gateway
from gateway.audit.event import ExchangeRecord, Outcome, Timings, Verdict
from gateway.exchange import CacheState, FindingCount
from gateway.obligations import OperatorKind
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface
from gateway.telemetry import attributes
from gateway.telemetry.attributes import attributes_of, error_label, exchange_labels, operation_labels

RECORD = ExchangeRecord(
    call_id="c-1",
    surface=Surface.CHAT,
    opened_at="2026-01-02T03:04:05.678Z",
    outcome=Outcome.COMPLETED,
    tenant="acme",
    principal="bob",
    model="smollm2",
    stream=True,
    decision=Verdict(allow=True, rule="tenants.acme", reason="said in words", policy_version="v1"),
    findings=tuple(
        FindingCount(entity=entity, operator=OperatorKind.PLACEHOLDER, recognizer=name, count=2, max_score=1.0)
        for entity, name in (("PERSON", "tagger"), ("EMAIL_ADDRESS", "email"), ("PERSON", "list"))
    ),
    deployment="local",
    usage=Usage(input_tokens=0, output_tokens=4, finish_reasons=("stop", "length"), response_id="r", response_model="m"),
    timings_ms=Timings(first_event=250.0, total=900.0),
    status=200,
    cache=CacheState.MISS,
    cost=120,
)


def names() -> dict[str, str]:
    return {
        name: value for name, value in vars(attributes).items() if name.isupper() and name[0] != "_" and isinstance(value, str)
    }


def test_names_that_are_not_ours_are_in_the_installed_conventions() -> None:
    stable = (client_attributes, error_attributes, exception_attributes, http_attributes, server_attributes)
    modules = (*stable, gen_ai_attributes, gen_ai_metrics, more_http_attributes)
    conventional = {value for module in modules for value in vars(module).values() if isinstance(value, str)}
    theirs = {name for name in names().values() if not name.startswith("gateway.")}
    assert len(theirs) == 24
    assert theirs <= conventional


def test_no_other_module_writes_an_attribute_name() -> None:
    elsewhere = {
        (path.name, node.value)
        for path in Path(gateway.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in names().values() and path.name != "attributes.py"
    }
    assert elsewhere == set()


def test_a_whole_record() -> None:
    assert attributes_of(RECORD) == {
        "http.request.method": "POST",
        "http.route": "/v1/chat/completions",
        "http.response.status_code": 200,
        "gateway.model": "smollm2",
        "gateway.stream": True,
        "gateway.cache": "miss",
        "gateway.cost": 120,
        "gateway.call_id": "c-1",
        "gateway.tenant": "acme",
        "gateway.principal": "bob",
        "gateway.outcome": "completed",
        "gateway.deployment": "local",
        "gateway.policy.allow": True,
        "gateway.policy.rule": "tenants.acme",
        "gateway.policy.version": "v1",
        "gateway.findings.count": 6,
        "gateway.findings.entities": ("EMAIL_ADDRESS", "PERSON"),
    }


def test_what_is_not_known_is_left_out() -> None:
    bare = ExchangeRecord(
        call_id="c-2",
        surface=Surface.EMBEDDINGS,
        opened_at="2026-01-02T03:04:05.678Z",
        outcome=Outcome.DENIED,
        error_code="invalid_api_key",
        status=401,
    )
    assert attributes_of(bare) == {
        "http.request.method": "POST",
        "http.route": "/v1/embeddings",
        "gateway.stream": False,
        "error.type": "invalid_api_key",
        "http.response.status_code": 401,
        "gateway.call_id": "c-2",
        "gateway.outcome": "denied",
        "gateway.findings.count": 0,
        "gateway.findings.entities": (),
    }


def test_labels_are_few_and_nobodys_choice() -> None:
    assert exchange_labels(RECORD) == {
        "gateway.outcome": "completed",
        "gateway.surface": "chat/completions",
        "gateway.tenant": "acme",
    }
    assert operation_labels(RECORD) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "smollm2",
    }
    nobody = replace(RECORD, outcome=Outcome.DENIED, tenant=None, principal=None, model=None)
    assert exchange_labels(nobody) == {"gateway.outcome": "denied", "gateway.surface": "chat/completions"}
    assert operation_labels(nobody) == {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai"}


@pytest.mark.parametrize(
    ("outcome", "code", "status", "label"),
    [
        (Outcome.COMPLETED, None, 200, None),
        (Outcome.FAILED, "upstream_timeout", 504, "upstream_timeout"),
        (Outcome.TRUNCATED, "upstream_truncated", 200, "upstream_truncated"),
        (Outcome.REJECTED, None, 429, "429"),
        (Outcome.ABORTED, None, 200, "aborted"),
        (Outcome.ABORTED, None, None, "aborted"),
    ],
)
def test_what_failed_says_how(outcome: Outcome, code: str | None, status: int | None, label: str | None) -> None:
    record = replace(RECORD, outcome=outcome, error_code=code, status=status)
    assert error_label(record) == ({} if label is None else {"error.type": label})
