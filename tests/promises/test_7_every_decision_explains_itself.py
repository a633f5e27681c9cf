"""Promise 7: which rule, which recognizer, which score, which route, in words a person reads."""

from __future__ import annotations

from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL, RunningGateway


def test_an_allowed_exchange(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    before = len(gateway.records())
    gateway.chat("I am alice@corp-example.org")
    record = gateway.records(before + 1)[-1]
    assert record.decision is not None
    assert record.decision.allow
    assert record.decision.rule == "tenants.acme.models"
    assert record.decision.reason == f"model {MODEL} is listed for acme/app"
    assert record.decision.policy_version
    assert record.deployment == "backend"
    (found,) = record.findings
    assert (found.entity, found.recognizer, found.operator, found.max_score) == ("EMAIL_ADDRESS", "Email", "placeholder", 1.0)


def test_a_denied_exchange(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    before = len(gateway.records())
    answer = gateway.chat("hi", model="alice@corp-example.org")
    assert answer.status_code == 404
    record = gateway.records(before + 1)[-1]
    assert record.decision is not None
    assert (record.decision.allow, record.decision.rule) == (False, "default-deny")
    assert record.decision.reason == "no rule gives acme/app the model it asked for"
    assert record.model is None  # until a rule knows it, it is the client's text
    assert record.decision.reason in answer.json()["error"]["message"]


def test_a_blocked_exchange_names_the_type(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    before = len(gateway.records())
    message = gateway.chat("use AKIAIOSFODNN7EXAMPLE").json()["error"]["message"]
    assert message == "Policy blocks what contains SECRET."
    record = gateway.records(before + 1)[-1]
    assert [(f.entity, f.operator) for f in record.findings] == [("SECRET", "block")]
