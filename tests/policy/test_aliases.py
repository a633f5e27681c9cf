"""An alias is another name and nothing else: the rights, conditions and limits are those of the model that it stands for."""

from __future__ import annotations

import pytest

from gateway.exchange import Principal
from gateway.policy.decide import DEFAULT_DENY, decide, visible_models
from tests.support.policy_files import BASE, Compile, Refuse, facts

APP = Principal(tenant="demo", id="app")
ANALYST = Principal(tenant="demo", id="analyst")
ALIASED = BASE.replace("models:\n  small", "models:\n  gpt-4o: {alias: small}\n  embed: {alias: vectors}\n  small", 1)


def test_it_is_the_model_that_it_stands_for(compiled: Compile) -> None:
    policy = compiled(ALIASED)
    by_alias, by_name = (decide(policy, APP, facts(name)) for name in ("gpt-4o", "small"))
    assert (by_alias.allow, by_alias.model, by_alias.serves) == (True, "gpt-4o", "small")
    assert (by_name.model, by_name.serves) == ("small", "small")
    assert by_alias.obligations == by_name.obligations
    assert by_alias.reason == by_name.reason


def test_whoever_may_not_use_the_model_may_not_use_its_alias(compiled: Compile) -> None:
    policy = compiled(ALIASED)
    by_alias, by_name = (decide(policy, ANALYST, facts(name)) for name in ("embed", "vectors"))
    assert (by_alias.allow, by_alias.rule, by_alias.reason) == (False, by_name.rule, by_name.reason)
    stranger = decide(policy, Principal(tenant="none", id="x"), facts("gpt-4o"))
    assert (stranger.rule, stranger.model, stranger.serves) == (DEFAULT_DENY, None, None)


def test_both_names_are_visible_to_whom_the_model_is(compiled: Compile) -> None:
    policy = compiled(ALIASED)
    assert visible_models(policy, APP) == ("gpt-4o", "embed", "small", "vectors")
    assert visible_models(policy, ANALYST) == ("gpt-4o", "small")


def test_conditions_see_the_model_and_not_the_alias(compiled: Compile) -> None:
    rule = '    rules: {no-small: {when: request.model == "small", deny: "Not this one."}}\n    entities'
    policy = compiled(ALIASED.replace("    entities", rule, 1))
    assert decide(policy, APP, facts("gpt-4o")).rule == "tenants.demo.rules.no-small"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("alias: small", "alias: large", "unknown model 'large'"),
        ("alias: small", "alias: embed", "'embed' is an alias itself"),
        ("alias: small", "alias: gpt-4o", "'gpt-4o' is an alias itself"),
        ("alias: small", "alias: small, deployments: [local]", "an alias says nothing else"),
        ("{alias: small}", "{surfaces: [embeddings]}", "this model is served nowhere"),
        ("models: [small, vectors]", "models: [small, vectors, gpt-4o]", "'gpt-4o' is an alias"),
        (
            "    entities",
            '    rules: {x: {when: request.model == "gpt-4o", deny: "No."}}\n    entities',
            "unknown model 'gpt-4o'",
        ),
    ],
)
def test_what_an_alias_cannot_be(refuse: Refuse, before: str, after: str, told: str) -> None:
    problems = refuse(ALIASED.replace(before, after, 1))
    assert any(told in problem.message for problem in problems), [problem.message for problem in problems]
