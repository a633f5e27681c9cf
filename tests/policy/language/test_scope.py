from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.obligations import CacheMode
from gateway.policy.language.caching import Caching
from gateway.policy.language.scope import Demands, Rule, Scope


def test_a_level_that_says_nothing_says_nothing() -> None:
    scope = Scope()
    unsaid = (scope.models, scope.purposes, scope.reply.restore, scope.record.content, scope.record.retention_days, scope.cache)
    assert set(unsaid) == {None}
    assert (scope.allow_uninspected, scope.route.regions, scope.route.kinds, scope.limits.requests) == (None,) * 4
    assert (scope.entities, scope.rules, scope.route.labels, scope.guide.prefixes) == ({}, {}, (), ())


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"when": "true"}, "not one effect"),
        ({"when": "true", "deny": "no", "demand": {}}, "not one effect"),
        ({"when": "true", "deny": "no", "reason": "why"}, "reason beside deny"),
        ({"when": "", "deny": "no"}, "at least 1 character"),
        ({"when": "x" * 2_001, "deny": "no"}, "at most 2000 characters"),
        ({"when": "true", "deny": "   "}, "at least 1 character"),
        ({"deny": "no"}, "Field required"),
    ],
)
def test_a_rule_has_one_condition_and_one_effect(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Rule.model_validate(rule)


def test_a_rule_that_demands_may_say_why() -> None:
    rule = Rule.model_validate({"when": "true", "demand": {"cache": "none"}, "reason": " because "})
    assert (rule.reason, rule.demand) == ("because", Demands(cache=Caching(share=CacheMode.NONE)))


def test_the_short_form_of_the_cache_is_the_long_one_with_nothing_but_share() -> None:
    short, long = (Scope.model_validate({"cache": said}) for said in ("tenant", {"share": "tenant"}))
    assert short.cache == long.cache == Caching(share=CacheMode.TENANT)
    assert Scope.model_validate({"cache": {"ttl": "90s", "when": "always", "max_bytes": 1_000}}).cache == Caching(
        ttl="90s", when="always", max_bytes=1_000
    )


@pytest.mark.parametrize(
    "written",
    [
        {"models": ["a b"]},
        {"purposes": []},
        {"entities": {"PERSON": "encrypt"}},
        {"reply": {"entities": {"PERSON": "placeholder"}}},
        {"record": {"content": "raw"}},
        {"record": {"entities": {"PERSON": "block"}}},
        {"record": {"retention_days": -1}},
        {"route": {"regions": []}},
        {"route": {"regions": ["EU"]}},
        {"route": {"kinds": ["grpc"]}},
        {"cache": "everybody"},
        {"cache": True},
        {"cache": {"share": "everybody"}},
        {"cache": {"ttl": "10"}},
        {"cache": {"ttl": "0s"}},
        {"cache": {"ttl": "31d"}},
        {"cache": {"ttl": 600}},
        {"cache": {"when": "sometimes"}},
        {"cache": {"max_bytes": 0}},
        {"cache": {"size": 1}},
        {"limits": {"requests": "2.5/minute"}},
        {"limits": {"concurrent": 0}},
        {"guide": {"system": ""}},
        {"guide": {"prefixes": [""]}},
        {"allow_uninspected": ["hologram"]},
        {"rules": {"a b": {"when": "true", "deny": "no"}}},
        {"restore": True},
    ],
)
def test_what_cannot_be_said(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Scope.model_validate(written)


@pytest.mark.parametrize("field", ["models", "purposes", "limits", "guide", "allow_uninspected", "rules"])
def test_a_rule_demands_no_lists_and_no_limits(field: str) -> None:
    with pytest.raises(ValidationError):
        Demands.model_validate({field: {}})
