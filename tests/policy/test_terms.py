from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from gateway.obligations import CacheMode, Limit, LimitKind, OperatorKind
from gateway.policy.language.scope import Limits, Rule, Scope
from gateway.policy.strength import Operators
from gateway.policy.terms import PlacedRule, Route, Terms, limits_of, terms_of, with_rules
from tests.support.policy_scopes import lacks, scopes, strengths


def _terms(written: dict[str, Any], path: str = "tenants.t") -> Terms:
    return terms_of(Scope.model_validate(written), path)


@settings(max_examples=150, deadline=None)
@given(scopes, scopes)
def test_narrowing_never_widens_in_any_respect(outer: dict[str, Any], inner: dict[str, Any]) -> None:
    wide, narrow = _terms(outer, "organisation"), _terms(inner)
    assert lacks(wide.narrowed(narrow), wide) == []
    assert lacks(wide.narrowed(narrow), narrow) == []
    assert lacks(wide.narrowed(narrow).closed(), wide) == []


@settings(max_examples=100, deadline=None)
@given(scopes, scopes, scopes)
def test_narrowing_is_associative_and_idempotent(a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]) -> None:
    one, two, three = _terms(a, "x"), _terms(b, "y"), _terms(c, "z")
    assert strengths(one.narrowed(two).narrowed(three)) == strengths(one.narrowed(two.narrowed(three)))
    assert strengths(one.narrowed(two)) == strengths(two.narrowed(one))
    assert strengths(one.narrowed(two).narrowed(two)) == strengths(one.narrowed(two))


@settings(max_examples=60, deadline=None)
@given(scopes, scopes)
def test_no_rule_widens(written: dict[str, Any], ruled: dict[str, Any]) -> None:
    terms, rules = _terms(written).closed(), _terms(ruled, "organisation").rules
    assert lacks(with_rules(terms, rules), terms) == []
    assert strengths(with_rules(terms, rules)) == strengths(with_rules(terms, rules[::-1]))


def test_what_nobody_says_is_denied_and_protected() -> None:
    terms = Terms().closed()
    assert (terms.models, terms.uninspected, terms.cache) == (frozenset(), frozenset(), CacheMode.NONE)
    assert (terms.restore, terms.record_content) == (False, False)
    assert (terms.request.of("PERSON"), terms.reply.of("PERSON")) == (OperatorKind.PLACEHOLDER, OperatorKind.KEEP)
    assert terms.purposes is None  # no purpose is demanded where no list of them is written


def test_content_that_is_not_kept_is_not_kept_further_in() -> None:
    terms = _terms({"record": {"content": "none"}}).narrowed(_terms({"record": {"content": "redacted"}}))
    assert terms.record_content is False


def test_originals_are_kept_only_where_every_level_lets_them_be_and_content_is_kept() -> None:
    sealed = _terms({"record": {"content": "redacted", "originals": "sealed"}})
    assert sealed.closed().record_originals is True
    for inner in ({"originals": "none"}, {"content": "none"}):
        assert sealed.narrowed(_terms({"record": inner})).closed().record_originals is False


@pytest.mark.parametrize(
    ("outer", "inner", "days"), [(None, None, None), (None, 7, 7), (30, None, 30), (30, 7, 7), (7, 30, 7), (0, 5, 0)]
)
def test_the_shortest_retention_holds(outer: int | None, inner: int | None, days: int | None) -> None:
    def kept(days: int | None) -> Terms:
        return _terms({"record": {} if days is None else {"retention_days": days}})

    assert kept(outer).narrowed(kept(inner)).retention_days == days


def test_limits_know_where_they_were_written() -> None:
    limits = Limits(requests="60/minute", tokens="1_000/hour", spend="2.5/day", concurrent=3)
    assert limits_of(limits, "tenants.t") == (
        Limit(scope="tenants.t", kind=LimitKind.REQUESTS, amount=60, period_s=60),
        Limit(scope="tenants.t", kind=LimitKind.TOKENS, amount=1_000, period_s=3_600),
        Limit(scope="tenants.t", kind=LimitKind.SPEND, amount=2_500_000, period_s=86_400),
        Limit(scope="tenants.t", kind=LimitKind.CONCURRENT, amount=3),
    )
    assert limits_of(Limits(spend="0.000001/day"), "x")[0].amount == 1


def test_limits_of_all_levels_hold() -> None:
    outer, inner = _terms({"limits": {"requests": "9/minute"}}, "organisation"), _terms({"limits": {"requests": "99/minute"}})
    assert [(limit.scope, limit.amount) for limit in outer.narrowed(inner).limits] == [("organisation", 9), ("tenants.t", 99)]


@pytest.mark.parametrize(
    ("route", "admitted"),
    [
        (Route(), True),
        (Route(regions=frozenset({"eu", "cn"})), True),
        (Route(regions=frozenset({"us"})), False),
        (Route(regions=frozenset()), False),
        (Route(labels=frozenset({"gpu"})), True),
        (Route(labels=frozenset({"gpu", "audited"})), False),
        (Route(kinds=frozenset({"fhe"})), False),
        (Route(kinds=frozenset({"openai"}), regions=frozenset({"eu"}), labels=frozenset({"gpu"})), True),
    ],
)
def test_a_deployment_meets_every_demand_or_is_left_out(route: Route, admitted: bool) -> None:
    assert route.admits(region="eu", labels=frozenset({"gpu"}), kind="openai") is admitted


def test_a_deployment_without_a_region_is_in_none() -> None:
    assert not Route(regions=frozenset({"eu"})).admits(region=None, labels=frozenset(), kind="openai")


def test_a_route_in_words() -> None:
    assert Route().words() == ()
    route = Route(regions=frozenset({"eu", "cn"}), labels=frozenset({"gpu"}), kinds=frozenset())
    assert route.words() == ("region cn or eu", "label gpu", "kind none")


def test_rules_are_sorted_by_name_and_hashed_by_place() -> None:
    rule = {"when": "true", "demand": {"entities": {"PERSON": "drop"}}}
    terms = _terms({"rules": {"b": rule, "a": rule}})
    assert [one.id for one in terms.rules] == ["tenants.t.rules.a", "tenants.t.rules.b"]
    assert len({*terms.rules, *_terms({"rules": {"a": rule}}).rules}) == 2
    other = PlacedRule("tenants.t.rules.a", Rule.model_validate({"when": "false", "deny": "no"}))
    assert other != terms.rules[0]


def test_what_a_rule_demands_joins_what_holds_anyway() -> None:
    rules = _terms({"rules": {"a": {"when": "true", "demand": {"entities": {"PERSON": "drop", "SECRET": "keep"}}}}}).rules
    terms = with_rules(_terms({"entities": {"SECRET": "mask"}}).closed(), rules)
    assert terms.request.of("PERSON") is OperatorKind.DROP
    assert terms.request.of("SECRET") is OperatorKind.MASK
    assert with_rules(terms, ()) is terms
    assert terms.reply == Operators().closed(OperatorKind.KEEP)


def test_of_cached_answers_the_stricter_holds_in_every_respect() -> None:
    outer = terms_of(Scope.model_validate({"cache": {"share": "tenant", "ttl": "1h", "when": "always"}}), "tenants.t").closed()
    inner = terms_of(Scope.model_validate({"cache": {"ttl": "5m", "max_bytes": 10}}), "tenants.t.principals.p")
    for both in (outer.narrowed(inner), inner.narrowed(outer)):
        assert (both.cache, both.cache_ttl_s, both.cache_always, both.cache_max_bytes) == (CacheMode.TENANT, 300, True, 10)
    silent = Terms().closed()
    assert (silent.cache_ttl_s, silent.cache_always, silent.cache_max_bytes) == (600, False, 2**20)
