from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.exchange import Principal
from gateway.policy.decide import DEFAULT_DENY, decide, visible_models
from gateway.protocol.wire import Surface
from tests.support.policy_files import Compile

APP = Principal(tenant="demo", id="app", key_id="pgw_12345678")
ANALYST = Principal(tenant="demo", id="analyst")


def test_allow_names_the_rule_and_the_reason(compiled: Compile, base: str) -> None:
    policy = compiled(base)
    decision = decide(policy, APP, model="small", surface=Surface.CHAT)
    assert (decision.allow, decision.rule) == (True, "tenants.demo.models")
    assert decision.reason == "model small is listed for demo/app"
    assert decision.policy_version == policy.version
    assert decision.obligations is not None
    assert decision.obligations.restore


def test_a_list_of_its_own_is_the_rule(compiled: Compile, base: str) -> None:
    allowed = decide(compiled(base), ANALYST, model="small", surface=Surface.CHAT)
    denied = decide(compiled(base), ANALYST, model="vectors", surface=Surface.EMBEDDINGS)
    assert (allowed.allow, allowed.rule) == (True, "tenants.demo.principals.analyst.models")
    assert (denied.allow, denied.rule) == (False, "tenants.demo.principals.analyst.models")
    assert denied.reason == "demo/analyst has a list of its own, without model vectors"
    assert allowed.obligations is not None
    assert not allowed.obligations.restore


@pytest.mark.parametrize(
    ("principal", "model"),
    [
        (APP, "unheard-of"),
        (APP, ""),
        (Principal(tenant="demo", id="nobody"), "small"),
        (Principal(tenant="other", id="app"), "small"),
    ],
)
def test_default_deny(compiled: Compile, base: str, principal: Principal, model: str) -> None:
    decision = decide(compiled(base), principal, model=model, surface=Surface.CHAT)
    assert (decision.allow, decision.rule, decision.obligations) == (False, DEFAULT_DENY, None)


def test_a_surface_that_the_model_is_not_served_on(compiled: Compile, base: str) -> None:
    decision = decide(compiled(base), APP, model="vectors", surface=Surface.CHAT)
    assert (decision.allow, decision.rule) == (False, "models.vectors.surfaces")
    assert decision.reason == "model vectors is not served on chat/completions"
    assert decide(compiled(base), APP, model="vectors", surface=Surface.EMBEDDINGS).allow


def test_a_model_of_another_tenant_is_denied(compiled: Compile, base: str) -> None:
    policy = compiled(base + "  other:\n    principals: {app: {}}\n")
    other = Principal(tenant="other", id="app")
    assert decide(policy, other, model="small", surface=Surface.CHAT).rule == DEFAULT_DENY
    assert visible_models(policy, other) == ()


def test_an_unknown_model_is_not_quoted(compiled: Compile, base: str) -> None:
    decision = decide(compiled(base), APP, model="wang.fang@example.com", surface=Surface.CHAT)
    assert "example.com" not in decision.reason + decision.rule


def test_visible_models_are_those_that_are_allowed(compiled: Compile, base: str) -> None:
    policy = compiled(base)
    assert visible_models(policy, APP) == ("small", "vectors")
    assert visible_models(policy, ANALYST) == ("small",)
    assert visible_models(policy, Principal(tenant="demo", id="nobody")) == ()


_NAMES = st.lists(st.sampled_from(["m1", "m2", "m3"]), unique=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tenant=_NAMES, data=st.data())
def test_allowed_exactly_where_tenant_and_principal_list_it(compiled: Compile, tenant: list[str], data: st.DataObject) -> None:
    own = data.draw(st.none() | st.lists(st.sampled_from(tenant), unique=True)) if tenant else None
    rules = "{}" if own is None else f"{{models: [{', '.join(own)}]}}"
    policy = compiled(
        "version: 1\ndeployments: {d: {base_url: 'http://h/v1'}}\n"
        "models: {m1: {deployments: [d]}, m2: {deployments: [d]}, m3: {deployments: [d]}}\n"
        f"tenants: {{t: {{models: [{', '.join(tenant)}], principals: {{p: {rules}}}}}}}\n"
    )
    expected = set(tenant if own is None else own)
    for model in ("m1", "m2", "m3"):
        principal = Principal(tenant="t", id="p")
        decision = decide(policy, principal, model=model, surface=Surface.CHAT)
        assert decision.allow == (model in expected)
        assert (decision.obligations is not None) == decision.allow
