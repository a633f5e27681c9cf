from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.audit.event import ExchangeRecord, Outcome, Verdict
from gateway.detection.recognizers.registry import built_in_entities
from gateway.explorer.show.levels import UNSAID, Sources
from gateway.obligations import OperatorKind
from gateway.policy.compile import CompiledPolicy
from gateway.policy.source import PolicySource
from gateway.protocol.wire import Surface

POLICY = """\
version: 1
deployments: {local: {base_url: "http://127.0.0.1:8090/v1"}}
models: {small: {deployments: [local]}}
organisation:
  entities: {IBAN_CODE: mask}
tenants:
  bank:
    models: [small]
    entities: {EMAIL_ADDRESS: surrogate}
    record: {content: redacted, entities: {PHONE_NUMBER: drop}}
    rules: {secret: {when: request.messages > 0, demand: {entities: {URL: drop}}}}
    teams:
      floor: {entities: {EMAIL_ADDRESS: hash}, principals: {desk: {}}}
"""


@pytest.fixture
def policy(tmp_path: Path) -> CompiledPolicy:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY)
    known = frozenset(built_in_entities())
    return PolicySource(file, known_entities=known, surrogate_entities=frozenset({"EMAIL_ADDRESS"}), environ={}).current


def record(policy: CompiledPolicy, *rules: str) -> ExchangeRecord:
    verdict = Verdict(allow=True, rule="", reason="", policy_version=policy.version, rules=rules)
    return ExchangeRecord(
        call_id="req_1",
        surface=Surface.CHAT,
        opened_at="2027-01-15T08:00:00.000Z",
        outcome=Outcome.COMPLETED,
        tenant="bank",
        principal="desk",
        decision=verdict,
    )


@pytest.mark.parametrize(
    ("entity", "operator", "source"),
    [
        ("IBAN_CODE", OperatorKind.MASK, "organisation"),
        ("EMAIL_ADDRESS", OperatorKind.HASH, "tenants.bank.teams.floor"),
        ("PERSON", OperatorKind.PLACEHOLDER, UNSAID),
        ("PHONE_NUMBER", OperatorKind.DROP, "tenants.bank"),
        ("URL", OperatorKind.DROP, "tenants.bank.rules.secret"),
        ("PERSON", OperatorKind.DROP, None),
    ],
)
def test_the_last_that_changed_it_is_named(
    policy: CompiledPolicy, entity: str, operator: OperatorKind, source: str | None
) -> None:
    sources = Sources(policy, record(policy, "tenants.bank.rules.secret"))
    assert sources.known
    assert sources.of(entity, operator) == source


def test_a_rule_that_did_not_apply_asked_for_nothing(policy: CompiledPolicy) -> None:
    assert Sources(policy, record(policy)).of("URL", OperatorKind.PLACEHOLDER) == UNSAID


def test_of_another_version_nothing_can_be_told(policy: CompiledPolicy) -> None:
    old = record(policy)
    assert old.decision is not None
    sources = Sources(policy, replace(old, decision=replace(old.decision, policy_version="before")))
    assert not sources.known
    assert sources.of("PERSON", OperatorKind.PLACEHOLDER) is None


def test_of_somebody_who_has_no_place_in_it_neither(policy: CompiledPolicy) -> None:
    assert not Sources(policy, replace(record(policy), principal="nobody")).known
