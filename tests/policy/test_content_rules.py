"""Rules about what a request is about: in the language, at the second ask, on the record, in tests and refused where unusable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.exchange import Decision, Principal
from gateway.exchange.explanation import obligations_in_words
from gateway.policy.decide import decide
from gateway.policy.language.condition import judged_in, waits_for_text
from gateway.policy.reading.problems import PolicyError
from gateway.policy.usable import check_usable
from gateway.sensitivity.weights import STARTER, STARTER_DIGEST
from tests.support.policy_files import Compile, Load, Refuse, facts

POLICY = """\
version: 1
deployments:
  open: {base_url: "http://a/v1"}
  house: {base_url: "http://b/v1", labels: [house]}
models:
  small: {deployments: [open, house]}
organisation:
  rules:
    ill: {when: content.health >= 0.8, demand: {route: {labels: [house]}}}
    secret: {when: content.trade_secret >= 0.9 && findings.PERSON > 0, deny: Not this.}
tenants:
  acme:
    models: [small]
    principals: {app: {}}
  plain: {models: [small], principals: {app: {}}}
"""
NONE = {"health": 0.0, "legal": 0.0, "hr": 0.0, "trade_secret": 0.0}


def asked(compiled: Any, findings: dict[str, int], **content: float) -> Decision:
    decision = decide(compiled(POLICY), Principal(tenant="acme", id="app"), facts())
    assert decision.review is not None
    return decision.review(findings, NONE | content)


def test_names_in_conditions() -> None:
    assert judged_in("content.health > 0.5 && 'content.legal' == request.model") == {"health"}
    assert waits_for_text("content.hr > 0.5")
    assert not waits_for_text("request.stream")


@pytest.mark.parametrize(("score", "places"), [(0.79, ["open", "house"]), (0.8, ["house"]), (1.0, ["house"])])
def test_a_score_demands_a_route(compiled: Compile, score: float, places: list[str]) -> None:
    decision = asked(compiled, {}, health=score)
    assert decision.obligations is not None
    assert [place.id for place in decision.obligations.deployments] == places


def test_scores_and_findings_in_one_condition(compiled: Compile) -> None:
    assert asked(compiled, {}, trade_secret=0.95).allow
    assert asked(compiled, {"PERSON": 1}, trade_secret=0.95).rule == "organisation.rules.secret"


def test_what_nobody_judged_is_denied(compiled: Compile) -> None:
    decision = decide(compiled(POLICY), Principal(tenant="acme", id="app"), facts())
    assert decision.review is not None
    denied = decision.review({})
    assert (denied.allow, denied.rule) == (False, "organisation.rules.ill")


def test_the_obligation_stands_in_words_where_a_rule_asks(compiled: Compile) -> None:
    own = decide(compiled(POLICY), Principal(tenant="acme", id="app"), facts()).obligations
    assert own is not None
    assert f"content judged by {STARTER_DIGEST[7:19]}" in obligations_in_words(own)
    without = POLICY.replace("content.health >= 0.8", "request.stream").replace("content.trade_secret >= 0.9 && ", "")
    plain = decide(compiled(without), Principal(tenant="acme", id="app"), facts()).obligations
    assert plain is not None
    assert plain.content is None


def test_a_label_that_there_is_not_is_a_fault_with_its_line(refuse: Refuse) -> None:
    (problem,) = refuse(POLICY.replace("content.health", "content.helth"))
    assert problem.line == 9


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (f"{{weights: gone.npz, digest: '{STARTER_DIGEST}'}}", "cannot be read"),
        (f"{{weights: other.npz, digest: 'sha256:{'0' * 64}'}}", "not those that policy names"),
        (f"{{trial: {{weights: gone.npz, digest: '{STARTER_DIGEST}'}}}}", "cannot be read"),
    ],
)
def test_weights_that_cannot_be_used_refuse_the_policy(tmp_path: Path, load: Load, written: str, message: str) -> None:
    (tmp_path / "other.npz").write_bytes(STARTER.read_bytes())
    policy = load(POLICY.replace("  acme:\n", f"  acme:\n    sensitivity: {written}\n"))
    with pytest.raises(PolicyError, match=message):
        check_usable(policy)


def test_weights_by_file_and_digest(tmp_path: Path, load: Load) -> None:
    (tmp_path / "own.npz").write_bytes(STARTER.read_bytes())
    check_usable(
        load(POLICY.replace("  acme:\n", f"  acme:\n    sensitivity: {{weights: own.npz, digest: '{STARTER_DIGEST}'}}\n"))
    )


def test_a_file_without_a_digest_is_refused(refuse: Refuse) -> None:
    (problem,) = refuse(POLICY.replace("  acme:\n", "  acme:\n    sensitivity: {weights: own.npz}\n"))
    assert "digest" in problem.message
