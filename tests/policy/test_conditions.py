from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.exchange import Principal
from gateway.policy.conditions import Applied, Conditions
from gateway.policy.language.condition import Language
from gateway.policy.language.scope import Rule
from gateway.policy.terms import PlacedRule
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.policy_files import KNOWN, facts

LANGUAGE = Language.over(KNOWN)
CLERK = Principal(tenant="bank", id="clerk", team="desk", roles=frozenset({"auditor", "developer"}))


def _rules(*conditions: str, level: str = "organisation") -> list[PlacedRule]:
    return [PlacedRule(f"{level}.rules.{at}", Rule(when=when, deny="no")) for at, when in enumerate(conditions)]


def _told(applied: Applied) -> tuple[list[str], list[str]]:
    return [one.rule.when for one in applied.rules], [one.rule.when for one in applied.failed]


def _holds(condition: str, request: Facts | None = None, **findings: int) -> bool:
    conditions = Conditions(LANGUAGE, _rules(condition))
    request = request or facts()
    found = conditions.of_findings(CLERK, request, findings, sum(findings.values()))
    (holding, failed) = _told(found if conditions.sought else conditions.of_request(CLERK, request))
    assert failed == []
    return holding == [condition]


@pytest.mark.parametrize(
    "condition",
    [
        "principal.tenant == 'bank' && principal.team == 'desk' && principal.id == 'clerk'",
        "'auditor' in principal.roles && !('operator' in principal.roles)",
        "principal.roles.exists(role, role.startsWith('dev'))",
        "request.model == 'small' && request.surface == 'chat/completions'",
        "request.stream && request.consent && request.purpose == 'support'",
        "request.messages == 2 && request.tools == 3 && request.bytes == 400 && request.max_tokens == 50",
        "request.model.matches('^sm[a-l]+$')",
        "request.bytes > 100 // a comment: findings.PERSON",
    ],
)
def test_what_a_condition_may_ask_of_the_request(condition: str) -> None:
    request = facts(stream=True, consent="c-1", purpose="support", messages=2, tools=3, bytes=400, max_tokens=50)
    assert _holds(condition, request)


def test_what_is_not_stated_is_empty() -> None:
    stranger = Conditions(LANGUAGE, _rules("principal.team == '' && principal.roles.size() == 0"))
    assert len(stranger.of_request(Principal(tenant="bank", id="x"), facts()).rules) == 1
    assert _holds("request.purpose == '' && !request.consent && request.max_tokens == 0")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("findings.PERSON > 2", True),
        ("findings.PERSON > 3", False),
        ("findings.SECRET == 0", True),
        ("findings.total == 5", True),
        ("findings.PERSON + findings.EMAIL_ADDRESS == 5 && request.model == 'small'", True),
    ],
)
def test_what_a_condition_may_ask_of_findings(condition: str, holds: bool) -> None:
    assert _holds(condition, PERSON=3, EMAIL_ADDRESS=2) is holds


def test_what_waits_for_findings_is_not_asked_before() -> None:
    conditions = Conditions(LANGUAGE, _rules("request.tools == 0", "findings.PERSON == 0", "findings.total == 0"))
    assert conditions.sought == {"PERSON", "total"}
    assert _told(conditions.of_request(CLERK, facts())) == (["request.tools == 0"], [])
    assert _told(conditions.of_findings(CLERK, facts(), {}, 0)) == (["findings.PERSON == 0", "findings.total == 0"], [])


def test_no_rules_never_apply() -> None:
    conditions = Conditions(LANGUAGE, ())
    assert conditions.of_request(CLERK, facts()) == conditions.of_findings(CLERK, facts(), {"PERSON": 9}, 9) == Applied()


@pytest.mark.parametrize(
    "condition",
    [
        "request.bytes / request.tools > 1",
        "request.max_tokens * 9223372036854775807 > 1",
        "request.model.matches('(')",
        "principal.roles[7] == 'x'",
        "timestamp(request.model) > timestamp('2026-01-01T00:00:00Z')",
    ],
)
def test_a_condition_without_an_answer_is_told_apart(condition: str) -> None:
    conditions = Conditions(LANGUAGE, _rules("request.bytes == 7", condition, "request.bytes == 8"))
    for _ in range(2):
        applied = conditions.of_request(CLERK, facts(bytes=7, max_tokens=3))
        assert _told(applied) == (["request.bytes == 7"], [condition])


def test_an_answer_that_does_not_depend_on_the_fault_counts() -> None:
    assert _holds("request.tools == 0 || request.bytes / request.tools > 1")


def test_a_loop_that_turns_too_often_fails_alone() -> None:
    numbers = "[" + ",".join(["1"] * 120) + "]"
    loop = f"{numbers}.all(a, {numbers}.all(b, a == b))"
    LANGUAGE.check(loop)
    conditions = Conditions(LANGUAGE, _rules(loop, "request.bytes == 7"))
    assert _told(conditions.of_request(CLERK, facts(bytes=7))) == (["request.bytes == 7"], [loop])


def test_loops_that_are_few_enough_each_may_be_many_together() -> None:
    numbers = "[" + ",".join(["1"] * 60) + "]"
    loop = f"{numbers}.all(a, {numbers}.all(b, a == b))"
    assert len(Conditions(LANGUAGE, _rules(*[loop] * 4)).of_request(CLERK, facts()).rules) == 4


def test_more_conditions_than_one_expression_can_hold() -> None:
    long = "request.bytes == 7 || request.model == '" + "x" * 1_900 + "'"
    conditions = Conditions(LANGUAGE, _rules(*[long] * 60, "request.tools == 0"))
    assert len(conditions.of_request(CLERK, facts(bytes=7)).rules) == 61
    assert _told(conditions.of_request(CLERK, facts(bytes=8))) == (["request.tools == 0"], [])


def test_the_deepest_condition_that_loads_can_be_asked() -> None:
    deepest = "(" * 30 + "request.tools == 0" + ")" * 30
    LANGUAGE.check(deepest)
    assert _holds(deepest)


def test_the_levels_around_come_first_and_share_their_count() -> None:
    own = Language.over({"CUSTOMER_NO"})
    outer = Conditions(LANGUAGE, _rules("findings.PERSON > 1", "request.tools / request.bytes == 0"))
    inner = Conditions(own, _rules("findings.CUSTOMER_NO > 1", "request.tools == 0", level="tenants.bank"), outer)
    assert inner.sought == {"PERSON", "CUSTOMER_NO"}
    found = {"PERSON": 2, "CUSTOMER_NO": 2}
    assert _told(inner.of_findings(CLERK, facts(), found, 4)) == (["findings.PERSON > 1", "findings.CUSTOMER_NO > 1"], [])
    assert _told(inner.of_request(CLERK, facts())) == (["request.tools == 0"], ["request.tools / request.bytes == 0"])
    assert outer.sought == {"PERSON"}
    assert _told(outer.of_findings(CLERK, facts(), found, 4)) == (["findings.PERSON > 1"], [])


_PARTS = (
    "request.stream",
    "request.tools > 1",
    "request.bytes / request.tools > 2",
    "principal.team == 'desk'",
    "findings.PERSON > 1",
    "findings.total / findings.SECRET > 1",
    "findings.SECRET == 0 // 'one",
    "request.model == 'findings.PERSON > 0' || request.tools == 0",
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(_PARTS), max_size=6),
    st.builds(Facts, model=st.just("m"), surface=st.just(Surface.CHAT), stream=st.booleans(), tools=st.integers(0, 2)),
    st.dictionaries(st.sampled_from(("PERSON", "SECRET")), st.integers(0, 3)),
)
def test_together_they_say_what_each_says(written: list[str], request: Facts, found: dict[str, int]) -> None:
    def asked(conditions: Conditions) -> list[Any]:
        total = sum(found.values())
        both = conditions.of_request(CLERK, request), conditions.of_findings(CLERK, request, found, total)
        return [{one.id for one in (*both[0].rules, *both[1].rules)}, {one.id for one in (*both[0].failed, *both[1].failed)}]

    rules = _rules(*written)
    each = [asked(Conditions(LANGUAGE, [rule])) for rule in rules]
    assert asked(Conditions(LANGUAGE, rules)) == [set().union(*(one[part] for one in each)) for part in (0, 1)]
