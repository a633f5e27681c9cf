"""Which documents ground answers: granted at levels, narrowed by inner ones, by rules, by models and by aliases."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cli.policy.merged import effective
from gateway.exchange import Principal
from gateway.exchange.explanation import obligations_in_words
from gateway.obligations import GroundingTerms, Obligations
from gateway.policy.answer import Answer
from gateway.policy.compile import CompiledPolicy
from gateway.policy.decide import decide
from gateway.policy.grounding import Grounding
from gateway.policy.levels import chain
from gateway.policy.testing.compare import differences
from gateway.policy.testing.schema import Expected
from tests.support.policy_files import LEVELS, Compile, Load, Refuse, facts

BANK = "knowledge: {collections: [handbook, contracts], labels: [hr, legal], passages: 8, tokens: 900}"
GRANTED = LEVELS.replace("reply: {restore: true}", f"reply: {{restore: true}}\n    {BANK}")


def obligations(policy: CompiledPolicy, model: str = "chat", who: str = "clerk") -> Obligations:
    decision = decide(policy, Principal(tenant="bank", id=who), facts(model))
    assert decision.obligations is not None
    return decision.obligations


def clerk(said: str) -> str:
    return GRANTED.replace("clerk: {}", f"clerk: {{knowledge: {{{said}}}}}")


def test_nothing_is_granted_by_silence(compiled: Compile, refuse: Refuse) -> None:
    assert obligations(compiled(LEVELS)).grounding is None
    assert obligations(compiled(GRANTED.replace("[handbook, contracts]", "[]"))).grounding is None
    (problem,) = refuse(LEVELS.replace("clerk: {}", "clerk: {knowledge: {collections: [handbook]}}"))
    assert problem.message == "'handbook' is not allowed further out"


def test_what_a_level_grants_holds_further_in(compiled: Compile) -> None:
    own = obligations(compiled(GRANTED))
    both = frozenset({"handbook", "contracts"})
    assert own.grounding == GroundingTerms(collections=both, labels=frozenset({"hr", "legal"}), passages=8, tokens=900)
    assert "grounded when asked in contracts, handbook with 8 passages 900 tokens" in obligations_in_words(own)


def test_an_inner_level_has_less(compiled: Compile) -> None:
    policy = compiled(clerk("collections: [handbook], labels: [], passages: 3, when: always, else: say_so"))
    handbook = frozenset({"handbook"})
    own = GroundingTerms(collections=handbook, passages=3, tokens=900, always=True, says_so=True)
    assert obligations(policy).grounding == own
    assert obligations(policy, who="app").grounding != own


def test_all_collections_are_one_word(compiled: Compile) -> None:
    every = GRANTED.replace("[handbook, contracts]", '["*"]')
    own = obligations(compiled(every))
    assert own.grounding is not None
    assert own.grounding.collections is None
    assert any("in all collections" in words for words in obligations_in_words(own))
    fewer = obligations(compiled(every.replace("clerk: {}", "clerk: {knowledge: {collections: [hr]}}"))).grounding
    assert fewer is not None
    assert fewer.collections == frozenset({"hr"})


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("collections: [handbook, payroll]", "'payroll' is not allowed further out"),
        ("labels: [board]", "'board' is not allowed further out"),
        ("passages: 9", "more than the 8 that hold further out"),
        ("tokens: 901", "more than the 900 that hold further out"),
    ],
)
def test_an_inner_level_cannot_have_more(refuse: Refuse, said: str, message: str) -> None:
    (problem,) = refuse(clerk(said))
    assert problem.message == message


@pytest.mark.parametrize(("outer", "inner"), [("when: always", "when: asked"), ("else: say_so", "else: answer")])
def test_what_is_demanded_is_not_taken_back(refuse: Refuse, load: Load, outer: str, inner: str) -> None:
    text = GRANTED.replace("tokens: 900", f"tokens: 900, {outer}")
    (problem,) = refuse(text.replace("clerk: {}", f"clerk: {{knowledge: {{{inner}}}}}"))
    assert "although the level around it" in problem.message
    load(text.replace("clerk: {}", f"clerk: {{knowledge: {{{outer}}}}}"))


@pytest.mark.parametrize("said", ["passages: 0", "tokens: 10", "labels: ['team:desk']", "collections: ['a b']", "when: never"])
def test_what_makes_no_sense_is_no_policy(refuse: Refuse, said: str) -> None:
    assert len(refuse(clerk(said))) == 1


def test_a_rule_leaves_documents_out(compiled: Compile) -> None:
    rule = "rules: {handbook-only: {when: request.tools > 0, demand: {knowledge: {collections: [handbook]}}}}"
    policy = compiled(GRANTED.replace("clerk: {}", f"clerk: {{{rule}}}"))
    decision = decide(policy, Principal(tenant="bank", id="clerk"), facts("chat", tools=1))
    assert decision.obligations is not None
    assert decision.obligations.grounding is not None
    assert decision.obligations.grounding.collections == frozenset({"handbook"})


def test_a_model_and_an_alias_carry_documents_of_their_own(compiled: Compile) -> None:
    models = "  small: {deployments: [harbin], knowledge: {passages: 2}}\n"
    models += "  rules: {alias: chat, knowledge: {collections: [handbook, payroll], when: always}}\n"
    models += "  rules-small: {alias: small, knowledge: {tokens: 100}}\n"
    policy = compiled(GRANTED.replace("  small: {deployments: [harbin]}\n", models))
    by_alias = obligations(policy, "rules").grounding
    assert by_alias is not None
    assert (by_alias.collections, by_alias.always) == (frozenset({"handbook"}), True)  # payroll is nobody's to grant here
    plain = obligations(policy, "chat").grounding
    assert plain is not None
    assert not plain.always
    both = obligations(policy, "rules-small", "app").grounding
    assert both is not None
    assert (both.passages, both.tokens) == (2, 100)


def test_an_alias_says_nothing_else(refuse: Refuse) -> None:
    alias = "  small: {deployments: [harbin]}\n  other: {alias: chat, surfaces: [embeddings]}\n"
    (problem,) = refuse(LEVELS.replace("  small: {deployments: [harbin]}\n", alias))
    assert problem.message == "an alias says nothing else but knowledge"


def test_policy_tests_can_expect_it(compiled: Compile) -> None:
    decision = decide(compiled(GRANTED), Principal(tenant="bank", id="clerk"), facts("chat"))
    good = {"collections": ["contracts", "handbook"], "labels": ["legal", "hr"], "when": "asked", "else": "answer"}
    for grounding, paths in (
        (good, []),
        ({"passages": 5, "else": "say_so"}, [("obligations", "grounding", "else"), ("obligations", "grounding", "passages")]),
        (None, [("obligations", "grounding")]),
    ):
        expected = Expected.model_validate({"obligations": {"grounding": grounding}})
        told = differences(expected, Answer(decision=decision, blocked=()), None)
        assert sorted(one.path for one in told) == paths


def test_the_policy_of_a_caller_says_where_each_word_comes_from(compiled: Compile) -> None:
    policy = compiled(clerk("collections: [handbook], when: always"))
    tree = effective(policy, chain(policy.written, "bank", "desk", "clerk"))["knowledge"].value
    assert isinstance(tree, dict)
    assert (tree["collections"].value, tree["passages"].value, tree["when"].value) == (["handbook"], 8, "always")
    assert (tree["collections"].source, tree["labels"].source) == ("tenants.bank.teams.desk.principals.clerk", "tenants.bank")


_names = st.none() | st.frozensets(st.sampled_from("ab*"), max_size=3)
_flags = st.none() | st.booleans()
_groundings = st.builds(
    Grounding,
    collections=_names,
    labels=st.none() | st.frozensets(st.sampled_from("xy")),
    passages=st.none() | st.integers(1, 9),
    tokens=st.none() | st.integers(50, 99),
    always=_flags,
    says_so=_flags,
)


@settings(max_examples=40)
@given(_groundings, _groundings)
def test_narrowing_never_gives_more(outer: Grounding, inner: Grounding) -> None:
    closed = outer.closed()
    before, after = closed.terms(), closed.narrowed(inner).terms()
    if after is not None:
        assert before is not None
        assert before.collections is None or (after.collections is not None and after.collections <= before.collections)
        assert after.labels <= before.labels
        assert (after.passages, after.tokens) <= (before.passages, before.tokens) or after.passages < before.passages
        assert after.always >= before.always
        assert after.says_so >= before.says_so
