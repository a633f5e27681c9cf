"""The lines of both logs hold what the record holds of identities, rules and counts, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from opentelemetry.trace import INVALID_SPAN_CONTEXT

from gateway.audit.event import Outcome, Verdict
from gateway.exchange import Served
from gateway.telemetry.lines import Line, LogName, access_line, decision_line
from tests.telemetry.samples import ACCESS, RECORD, SPAN, VERDICT


def test_the_access_line_of_an_exchange() -> None:
    assert access_line(replace(ACCESS, peer="10.1.2.3"), RECORD, SPAN) == Line(
        log=LogName.ACCESS,
        span=SPAN,
        said={
            "gateway.call_id": "req_1",
            "http.request.method": "POST",
            "http.route": "/v1/chat/completions",
            "http.response.status_code": 200,
            "http.request.body.size": 120,
            "http.response.body.size": 900,
            "gateway.duration_ms": 12.5,
            "client.address": "10.1.2.3",
            "gateway.surface": "chat/completions",
            "gateway.tenant": "acme",
            "gateway.principal": "bob",
            "gateway.key_id": "pg_1",
            "gateway.model": "small",
            "gateway.stream": True,
            "gateway.cache": "miss",
            "gateway.outcome": "completed",
        },
    )


def test_the_access_line_of_what_is_no_exchange() -> None:
    said = access_line(replace(ACCESS, route=None, call_id=None, status=404), None, INVALID_SPAN_CONTEXT).said
    assert said == {
        "http.request.method": "POST",
        "http.response.status_code": 404,
        "http.request.body.size": 120,
        "http.response.body.size": 900,
        "gateway.duration_ms": 12.5,
    }


def test_an_access_that_failed_says_how() -> None:
    denied = replace(RECORD, tenant=None, principal=None, outcome=Outcome.DENIED, error_code="invalid_api_key")
    said = access_line(replace(ACCESS, status=401), denied, SPAN).said
    assert (said["gateway.outcome"], said["error.type"]) == ("denied", "invalid_api_key")
    assert "gateway.tenant" not in said


def test_the_decision_line() -> None:
    assert decision_line(RECORD, VERDICT, SPAN) == Line(
        log=LogName.DECISION,
        span=SPAN,
        said={
            "gateway.call_id": "req_1",
            "gateway.tenant": "acme",
            "gateway.principal": "bob",
            "gateway.policy.allow": True,
            "gateway.policy.rule": "tenants.acme.models",
            "gateway.policy.reason": "model small is listed for acme/bob",
            "gateway.policy.rules": ("rules.night",),
            "gateway.policy.obligations": ("request *=placeholder", "reply restored"),
            "gateway.policy.version": "v1",
            "gateway.purpose": "support",
            "gateway.findings.count": 4,
            "gateway.findings.by_entity": {"CUSTOM": 1, "EMAIL_ADDRESS": 3},
            "gateway.deployment": "local",
        },
    )


def test_a_denial_before_anybody_looked() -> None:
    denial = Verdict(allow=False, rule="default", reason="nothing allows it", policy_version="v1")
    record = replace(RECORD, decision=denial, findings=(), asked=None, deployment=None)
    said = decision_line(record, denial, SPAN).said
    assert (said["gateway.policy.allow"], said["gateway.findings.count"], said["gateway.findings.by_entity"]) == (False, 0, {})
    assert not {"gateway.deployment", "gateway.purpose"} & set(said)


def test_the_decision_log_says_what_was_served_and_that_it_was_elsewhere() -> None:
    served = Served(model="org/model", version="2026-10", digest="sha256:ab", external=True)
    said = decision_line(replace(RECORD, served=served), VERDICT, SPAN).said
    assert {name: value for name, value in said.items() if name.startswith("gateway.served.")} == {
        "gateway.served.version": "2026-10",
        "gateway.served.digest": "sha256:ab",
        "gateway.served.external": True,
    }
