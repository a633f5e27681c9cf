"""What levels and rules say of placeholders: inner ones only narrow, and what nobody says stores nothing."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from gateway.exchange import Principal
from gateway.exchange.explanation import obligations_in_words
from gateway.obligations import Obligations, OperatorKind, PseudonymScope, PseudonymTerms
from gateway.policy.compile import compile_policy
from gateway.policy.decide import decide
from gateway.policy.language.scope import Scope
from gateway.policy.reading.load import load_policy
from gateway.policy.reading.problems import PolicyError
from gateway.policy.terms import Terms, terms_of
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.policy_files import BASE, KNOWN, SURROGATES


def obligations(path: Path, tenant: str = "", app: str = "", *, stream: bool = False) -> Obligations:
    """Of principal `app`, with these words in its tenant and at itself. Raises PolicyError."""
    text = BASE.replace("{restore: true}", f"{{restore: true}}\n    {tenant}").replace("app: {}", f"app: {{{app}}}")
    path.write_text(text, encoding="utf-8")
    policy = compile_policy(load_policy(path, known_entities=KNOWN, surrogate_entities=SURROGATES), {})
    facts = Facts(model="small", surface=Surface.CHAT, stream=stream)
    told = decide(policy, Principal(tenant="demo", id="app"), facts).obligations
    assert told is not None
    return told


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policy.yaml"


def test_what_nobody_says_stores_nothing(path: Path) -> None:
    own = obligations(path)
    assert own.pseudonyms == PseudonymTerms(scope=PseudonymScope.REQUEST, ttl_s=30 * 86_400)
    assert not any("pseudonyms" in words for words in obligations_in_words(own))


def test_the_stricter_holds_in_both_respects(path: Path) -> None:
    own = obligations(path, "pseudonyms: {scope: tenant, ttl: 2d}", "pseudonyms: {scope: conversation}")
    assert own.pseudonyms == PseudonymTerms(scope=PseudonymScope.CONVERSATION, ttl_s=2 * 86_400)
    assert "pseudonyms conversation 172800s" in obligations_in_words(own)


@pytest.mark.parametrize(("stricter", "wider"), list(combinations(PseudonymScope, 2)))
def test_scopes_meet_in_the_stricter_and_a_wider_one_inside_is_a_fault(
    path: Path, stricter: PseudonymScope, wider: PseudonymScope
) -> None:
    said = [terms_of(Scope.model_validate({"pseudonyms": {"scope": scope}}), "x") for scope in (stricter, wider)]
    assert said[0].narrowed(said[1]).pseudonyms is said[1].narrowed(said[0]).pseudonyms is stricter
    assert Terms().narrowed(said[1]).pseudonyms is wider
    with pytest.raises(PolicyError) as refused:
        obligations(path, f"pseudonyms: {{scope: {stricter}}}", f"pseudonyms: {{scope: {wider}}}")
    assert refused.value.problems[0].message == f"wider than {stricter}, which holds further out"


def test_a_longer_time_inside_is_a_fault(path: Path) -> None:
    with pytest.raises(PolicyError) as refused:
        obligations(path, "pseudonyms: {scope: tenant, ttl: 1h}", "pseudonyms: {ttl: 2h}")
    assert refused.value.problems[0].message == "longer than the 3600 seconds that hold further out"


def test_a_rule_can_narrow(path: Path) -> None:
    rule = "pseudonyms: {scope: tenant}\n    rules: {r: {when: request.stream, demand: {pseudonyms: {scope: request}}}}"
    scopes = [obligations(path, rule, stream=stream).pseudonyms.scope for stream in (False, True)]
    assert scopes == [PseudonymScope.TENANT, PseudonymScope.REQUEST]


@pytest.mark.parametrize("scope", list(PseudonymScope))
def test_beyond_a_request_a_surrogate_is_a_placeholder(path: Path, scope: PseudonymScope) -> None:
    own = obligations(path, f"pseudonyms: {{scope: {scope}}}", "entities: {PERSON: surrogate}")
    kept = scope is PseudonymScope.REQUEST
    assert own.request.operator("PERSON") is (OperatorKind.SURROGATE if kept else OperatorKind.PLACEHOLDER)
    assert own.request.operator("CREDIT_CARD") is OperatorKind.MASK


@pytest.mark.parametrize("said", ["tenant", "{scope: everybody}", "{ttl: 31d}", "{ttl: 10}", "{forever: true}"])
def test_other_words_are_refused(path: Path, said: str) -> None:
    with pytest.raises(PolicyError):
        obligations(path, f"pseudonyms: {said}")
