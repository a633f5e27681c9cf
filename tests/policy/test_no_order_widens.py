"""Over random policies: whatever is added to one, and in whatever order it is written, nobody is allowed more.

The policies do not pass the checks of reading, which refuse much of what would not have an effect: here it must have none.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.exchange import Decision, Principal
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.decide import decide, visible_models
from gateway.policy.language.schema import Policy
from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.reading.yaml_tree import parse
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.policy_files import KNOWN
from tests.support.policy_scopes import MODELS, PURPOSES, lacks, limits, relaxed, rules, scopes

CLERK = Principal(tenant="t", id="clerk")
GUEST = Principal(tenant="t", id="guest")
_TREE = parse(b"{}", "p.yaml")
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("organisation",),
    ("tenants", "t"),
    ("tenants", "t", "teams", "desk"),
    ("tenants", "t", "teams", "desk", "principals", "clerk"),
)
_cheap = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def _written(
    organisation: dict[str, Any], tenant: dict[str, Any], team: dict[str, Any], clerk: dict[str, Any]
) -> dict[str, Any]:
    places = {"d1": {"region": "eu", "labels": ["gpu"]}, "d2": {"region": "cn", "labels": ["gpu", "audited"]}, "d3": {}}
    desk = {**team, "principals": {"clerk": clerk}}
    return {
        "version": 1,
        "deployments": {name: {"base_url": f"http://{name}/v1", **more} for name, more in places.items()},
        "models": {"m1": {"deployments": ["d1", "d2"]}, "m2": {"deployments": ["d3"]}, "m3": {"deployments": ["d2", "d3"]}},
        "purposes": {name: {"basis": "contract"} for name in PURPOSES},
        "organisation": organisation,
        "tenants": {
            "t": {"models": list(MODELS), "open": True, **tenant, "teams": {"desk": desk}},
            "other": {"models": ["m2"]},
        },
    }


policies: st.SearchStrategy[dict[str, Any]] = st.builds(_written, scopes, scopes, scopes, scopes)
# A purpose is always stated: where a list has come down to one, that one holds of requests that state none.
requests = st.builds(
    Facts,
    model=st.sampled_from(MODELS),
    surface=st.just(Surface.CHAT),
    stream=st.booleans(),
    tools=st.integers(0, 2),
    bytes=st.sampled_from((0, 100)),
    purpose=st.sampled_from((*PURPOSES, "unheard-of")),
)
found = st.dictionaries(st.sampled_from(("PERSON", "DATE_TIME", "SECRET")), st.integers(0, 4))


def _compiled(written: dict[str, Any]) -> CompiledPolicy:
    policy = Policy.model_validate(written)
    return compile_policy(LoadedPolicy(policy=policy, version="v", path=Path("p.yaml"), entities=KNOWN, tree=_TREE), {})


def _decided(written: dict[str, Any], request: Facts, findings: dict[str, int], who: Principal = CLERK) -> Decision:
    decision = decide(_compiled(written), who, request)
    return decision if decision.review is None else decision.review(findings)


def _at(written: dict[str, Any], level: tuple[str, ...]) -> dict[str, Any]:
    for step in level:
        written = written[step]
    return written


def _assert_no_more(after: Decision, before: Decision) -> None:
    if not before.allow:
        assert not after.allow
    elif after.allow:
        assert after.obligations is not None
        assert before.obligations is not None
        assert relaxed(after.obligations, before.obligations) == []


@_cheap
@given(policies, requests, found, st.randoms(use_true_random=False))
def test_the_order_of_the_file_changes_nothing(
    written: dict[str, Any], request: Facts, findings: dict[str, int], shuffle: Any
) -> None:
    turned = copy.deepcopy(written)
    for level in _LEVELS:
        scope = _at(turned, level)
        for name in ("rules", "entities"):
            items = list(scope.get(name, {}).items())
            shuffle.shuffle(items)
            scope.update({name: dict(items)} if items else {})
    for name in ("deployments", "models", "tenants"):
        turned[name] = dict(reversed(turned[name].items()))
    before, after = _decided(written, request, findings), _decided(turned, request, findings)
    assert after == before


@_cheap
@given(policies, requests, found, st.sampled_from(_LEVELS), rules)
def test_a_rule_more_allows_nobody_more(
    written: dict[str, Any], request: Facts, findings: dict[str, int], level: tuple[str, ...], rule: dict[str, Any]
) -> None:
    more = copy.deepcopy(written)
    _at(more, level).setdefault("rules", {})["added"] = rule
    _assert_no_more(_decided(more, request, findings), _decided(written, request, findings))


@_cheap
@given(policies, requests, found, st.sampled_from(_LEVELS), limits)
def test_a_limit_more_allows_nobody_more(
    written: dict[str, Any], request: Facts, findings: dict[str, int], level: tuple[str, ...], limit: dict[str, Any]
) -> None:
    assume("limits" not in _at(written, level))
    assume(limit.get("when_unavailable") != "count_locally")  # that is a leave, where nobody spoke of it before
    more = copy.deepcopy(written)
    _at(more, level)["limits"] = limit
    _assert_no_more(_decided(more, request, findings), _decided(written, request, findings))


@_cheap
@given(policies, scopes, requests, found, st.sampled_from(_LEVELS[2:]))
def test_a_level_more_allows_nobody_more(
    written: dict[str, Any], said: dict[str, Any], request: Facts, findings: dict[str, int], level: tuple[str, ...]
) -> None:
    silent, more = copy.deepcopy(written), copy.deepcopy(written)
    for scope, own in ((_at(silent, level), {}), (_at(more, level), said)):
        kept = {name: scope[name] for name in ("principals",) if name in scope}
        scope.clear()
        scope.update(own | kept)
    _assert_no_more(_decided(more, request, findings), _decided(silent, request, findings))


@_cheap
@given(policies, requests, found)
def test_nobody_has_more_than_the_tenant(written: dict[str, Any], request: Facts, findings: dict[str, int]) -> None:
    policy = _compiled(written)
    tenant, clerk = policy.of_tenant("t"), policy.standing(CLERK)
    assert tenant is not None
    assert clerk is not None
    assert lacks(clerk.terms, tenant.terms) == []
    assert set(visible_models(policy, CLERK)) <= set(visible_models(policy, GUEST))
    _assert_no_more(_decided(written, request, findings), _decided(written, request, findings, GUEST))


@_cheap
@given(policies, requests)
def test_a_tenant_is_as_if_there_were_no_other(written: dict[str, Any], request: Facts) -> None:
    alone = copy.deepcopy(written)
    del alone["tenants"]["other"]
    assert _decided(alone, request, {}) == _decided(written, request, {})
    policy = _compiled(written)
    assert set(visible_models(policy, Principal(tenant="other", id="clerk"))) == set()
    other = policy.of_tenant("other")
    assert other is not None
    assert set(other.grants) <= {"m2"}
