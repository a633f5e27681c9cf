from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.exchange import Decision, Principal
from gateway.obligations import OperatorKind
from gateway.policy.compile import CompiledPolicy
from gateway.policy.decide import DEFAULT_DENY, decide, visible_models
from gateway.protocol.wire import Surface
from tests.support.policy_files import LEVELS, Compile, facts

APP = Principal(tenant="demo", id="app", key_id="pgw_12345678")
ANALYST = Principal(tenant="demo", id="analyst")
TELLER = Principal(tenant="bank", id="app")
CLERK = Principal(tenant="bank", id="clerk")


def _with_rules(*lines: str) -> str:
    """The policy of four levels with these rules at the organisation."""
    return LEVELS.replace("organisation:\n", "organisation:\n  rules:\n" + "".join(f"    {line}\n" for line in lines))


def _reviewed(policy: CompiledPolicy, found: dict[str, int], who: Principal = TELLER, **more: Any) -> Decision:
    decision = decide(policy, who, facts("chat", **more))
    assert decision.review is not None
    return decision.review(found)


def test_allow_names_the_rule_and_the_reason(compiled: Compile, base: str) -> None:
    policy = compiled(base)
    decision = decide(policy, APP, facts())
    assert (decision.allow, decision.rule) == (True, "tenants.demo.models")
    assert decision.reason == "model small is listed for demo/app"
    assert decision.policy_version == policy.version
    assert decision.obligations is not None
    assert decision.obligations.restore
    assert (decision.model, decision.purpose, decision.rules, decision.review) == ("small", None, (), None)


def test_a_list_of_its_own_is_the_rule(compiled: Compile, base: str) -> None:
    allowed = decide(compiled(base), ANALYST, facts())
    denied = decide(compiled(base), ANALYST, facts("vectors", Surface.EMBEDDINGS))
    assert (allowed.allow, allowed.rule) == (True, "tenants.demo.principals.analyst.models")
    assert (denied.allow, denied.rule) == (False, "tenants.demo.principals.analyst.models")
    assert denied.reason == "this list leaves out model vectors"
    assert denied.model == "vectors"
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
    decision = decide(compiled(base), principal, facts(model))
    assert (decision.allow, decision.rule, decision.obligations) == (False, DEFAULT_DENY, None)
    assert (decision.model, decision.review) == (None, None)


@pytest.mark.parametrize(
    ("principal", "helpers", "rule", "told"),
    [
        (APP, ("small",), None, ("small",)),
        (APP, ("vectors",), "models.vectors.surfaces", ("vectors",)),
        (ANALYST, ("small", "vectors"), "tenants.demo.principals.analyst.models", ("small", "vectors")),
        (APP, ("small", "unheard-of"), DEFAULT_DENY, ("small", "")),
        (APP, ("",), DEFAULT_DENY, ("",)),
        (APP, ("small", *(f"unheard-of-{n}" for n in range(999))), DEFAULT_DENY, ("small", "")),
    ],
)
def test_models_that_help_have_to_be_granted_too(
    compiled: Compile, base: str, principal: Principal, helpers: tuple[str, ...], rule: str | None, told: tuple[str, ...]
) -> None:
    decision = decide(compiled(base), principal, facts(helpers=helpers))
    assert (decision.allow, decision.rule if rule else None) == (rule is None, rule)
    assert (decision.model, decision.helpers) == ("small", told)
    assert "unheard-of" not in decision.reason


def test_a_surface_that_the_model_is_not_served_on(compiled: Compile, base: str) -> None:
    decision = decide(compiled(base), APP, facts("vectors"))
    assert (decision.allow, decision.rule) == (False, "models.vectors.surfaces")
    assert decision.reason == "model vectors is not served on chat/completions"
    assert decide(compiled(base), APP, facts("vectors", Surface.EMBEDDINGS)).allow


def test_a_model_of_another_tenant_is_denied(compiled: Compile, base: str) -> None:
    policy = compiled(base + "  other:\n    principals: {app: {}}\n")
    other = Principal(tenant="other", id="app")
    assert decide(policy, other, facts()).rule == DEFAULT_DENY
    assert visible_models(policy, other) == ()


def test_an_unknown_model_is_not_quoted(compiled: Compile, base: str) -> None:
    decision = decide(compiled(base), APP, facts("wang.fang@example.com"))
    assert "example.com" not in repr(decision)


def test_visible_models_are_those_that_are_allowed(compiled: Compile, base: str) -> None:
    policy = compiled(base)
    assert visible_models(policy, APP) == ("small", "vectors")
    assert visible_models(policy, ANALYST) == ("small",)
    assert visible_models(policy, Principal(tenant="demo", id="nobody")) == ()


_NAMES = st.lists(st.sampled_from(["m1", "m2", "m3"]), unique=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        decision = decide(policy, Principal(tenant="t", id="p"), facts(model))
        assert decision.allow == (model in expected)
        assert (decision.obligations is not None) == decision.allow


class TestPurposes:
    @pytest.mark.parametrize("stated", [None, "support", "unheard-of"])
    def test_none_is_demanded_where_no_list_names_one(self, compiled: Compile, stated: str | None) -> None:
        decision = decide(compiled(LEVELS), TELLER, facts(purpose=stated))
        assert decision.allow
        assert decision.purpose == ("support" if stated == "support" else None)
        assert "unheard-of" not in repr(decision)

    def test_a_purpose_gives_the_lawful_basis(self, compiled: Compile) -> None:
        decision = decide(compiled(LEVELS), TELLER, facts(purpose="support"))
        assert decision.reason == "model small is listed for bank/app, for support (contract)"

    def test_the_only_purpose_is_implied(self, compiled: Compile) -> None:
        policy = compiled(LEVELS.replace("app: {}", "app: {purposes: [support]}"))
        assert decide(policy, TELLER, facts()).purpose == "support"
        denied = decide(policy, TELLER, facts(purpose="research"))
        assert (denied.allow, denied.rule) == (False, "purposes")
        assert denied.reason == "the request's purpose is not allowed; bank/app may have: support"

    def test_of_several_one_must_be_stated(self, compiled: Compile) -> None:
        policy = compiled(LEVELS.replace("app: {}", "app: {purposes: [support, marketing]}"))
        denied = decide(policy, TELLER, facts())
        assert (denied.allow, denied.rule, denied.purpose) == (False, "purposes", None)
        assert denied.reason == "the request states no purpose; bank/app may have: marketing, support"
        assert decide(policy, TELLER, facts(purpose="support")).allow

    @pytest.mark.parametrize("stated", ["unheard-of", "Support", "support ", "张伟@example.com"])
    def test_what_the_policy_does_not_know_is_denied_and_not_quoted(self, compiled: Compile, stated: str) -> None:
        denied = decide(compiled(LEVELS.replace("app: {}", "app: {purposes: [support]}")), TELLER, facts(purpose=stated))
        assert (denied.allow, denied.rule, denied.purpose) == (False, "purposes", None)
        assert stated not in denied.reason

    @pytest.mark.parametrize("purpose", ["research", "marketing"])
    def test_some_need_a_consent(self, compiled: Compile, purpose: str) -> None:
        policy = compiled(LEVELS)
        denied = decide(policy, TELLER, facts(purpose=purpose))
        assert (denied.allow, denied.rule) == (False, f"purposes.{purpose}.consent")
        assert denied.reason == f"purpose {purpose} needs a reference to a consent"
        allowed = decide(policy, TELLER, facts(purpose=purpose, consent="zhang-wei-7"))
        assert (allowed.allow, allowed.purpose, allowed.needs_consent) == (True, purpose, True)
        assert "zhang-wei-7" not in repr(allowed)

    def test_an_implied_purpose_needs_its_consent_too(self, compiled: Compile) -> None:
        policy = compiled(LEVELS.replace("app: {}", "app: {purposes: [research]}"))
        assert decide(policy, TELLER, facts()).rule == "purposes.research.consent"
        assert decide(policy, TELLER, facts(consent="c-1")).allow

    def test_a_basis_of_consent_may_have_it_elsewhere(self, compiled: Compile) -> None:
        policy = compiled(LEVELS.replace("{basis: consent}", "{basis: consent, consent: none}"))
        assert decide(policy, TELLER, facts(purpose="research")).allow

    def test_a_condition_sees_the_purpose_that_holds(self, compiled: Compile) -> None:
        text = _with_rules("r: {when: request.purpose == 'support', deny: not today}")
        assert decide(compiled(text), TELLER, facts(purpose="support")).rule == "organisation.rules.r"
        assert decide(compiled(text), TELLER, facts(purpose="'support'")).allow
        assert decide(compiled(text.replace("app: {}", "app: {purposes: [support]}")), TELLER, facts()).allow is False


class TestRules:
    def test_a_rule_denies_with_its_own_reason(self, compiled: Compile) -> None:
        policy = compiled(_with_rules("many: {when: request.tools > 2, deny: Too many tools.}"))
        denied = decide(policy, TELLER, facts("chat", tools=3))
        assert (denied.allow, denied.rule, denied.reason) == (False, "organisation.rules.many", "Too many tools.")
        assert (denied.rules, denied.obligations, denied.model) == (("organisation.rules.many",), None, "chat")
        assert decide(policy, TELLER, facts("chat", tools=2)).rules == ()

    def test_a_rule_demands_more(self, compiled: Compile) -> None:
        demand = "{entities: {PERSON: drop}, reply: {restore: false}, route: {regions: [eu]}, cache: none}"
        policy = compiled(_with_rules(f"s: {{when: request.stream, demand: {demand}, reason: streams are seen}}"))
        plain, streamed = (decide(policy, TELLER, facts("chat", stream=stream)).obligations for stream in (False, True))
        assert plain is not None
        assert streamed is not None
        assert (plain.request.operator("PERSON"), plain.restore) == (OperatorKind.SURROGATE, True)
        assert (streamed.request.operator("PERSON"), streamed.restore) == (OperatorKind.DROP, False)
        assert plain.deployments == (policy.deployments["berlin"], policy.deployments["harbin"])
        assert streamed.deployments == (policy.deployments["berlin"],)
        assert decide(policy, TELLER, facts("chat", stream=True)).rules == ("organisation.rules.s",)

    def test_a_model_that_no_deployment_can_serve_then_is_denied(self, compiled: Compile) -> None:
        policy = compiled(_with_rules("s: {when: request.stream, demand: {route: {regions: [eu], labels: [audited]}}}"))
        denied = decide(policy, TELLER, facts("small", stream=True))
        assert (denied.allow, denied.rule, denied.rules) == (False, "route", ("organisation.rules.s",))
        assert denied.reason == "no deployment of model small meets what is demanded of it: region eu; label audited"
        assert decide(policy, TELLER, facts("chat", stream=True)).allow

    def test_a_condition_without_an_answer_denies(self, compiled: Compile) -> None:
        policy = compiled(_with_rules("r: {when: request.bytes / request.tools > 9, demand: {cache: none}}"))
        denied = decide(policy, TELLER, facts("chat", bytes=7))
        assert (denied.allow, denied.rule) == (False, "organisation.rules.r")
        assert denied.reason == "the condition of this rule could not be evaluated"
        assert decide(policy, TELLER, facts("chat", bytes=7, tools=1)).allow

    def test_rules_of_every_level_apply_and_of_no_other(self, compiled: Compile) -> None:
        rule = "rules: {r: {when: request.stream, demand: {cache: none}}}"
        text = _with_rules("r: {when: request.stream, demand: {cache: none}}").replace("app: {}", f"app: {{{rule}}}")
        text = text.replace("    models: [chat, small]\n", f"    models: [chat, small]\n    {rule}\n")
        text = text.replace("        models: [chat]\n", f"        models: [chat]\n        {rule}\n")
        policy, common = compiled(text), ("organisation.rules.r", "tenants.bank.rules.r")
        assert decide(policy, CLERK, facts("chat", stream=True)).rules == (*common, "tenants.bank.teams.desk.rules.r")
        assert decide(policy, TELLER, facts("chat", stream=True)).rules == (*common, "tenants.bank.principals.app.rules.r")

    def test_a_condition_sees_the_team_that_policy_gives(self, compiled: Compile) -> None:
        policy = compiled(_with_rules("r: {when: principal.team == 'desk', deny: never}"))
        assert not decide(policy, CLERK, facts("chat")).allow
        assert decide(policy, Principal(tenant="bank", id="app", team="desk"), facts("chat")).allow


class TestFindings:
    def test_they_are_asked_about_when_they_are_known(self, compiled: Compile) -> None:
        policy = compiled(_with_rules("people: {when: findings.PERSON > 3, deny: Too many people.}"))
        first = decide(policy, TELLER, facts("chat"))
        assert first.allow
        assert first.obligations is not None
        assert first.obligations.sought == {"PERSON"}
        denied = _reviewed(policy, {"PERSON": 4})
        assert (denied.allow, denied.rule, denied.reason) == (False, "organisation.rules.people", "Too many people.")
        allowed = _reviewed(policy, {"PERSON": 3})
        assert (allowed.allow, allowed.rule, allowed.rules) == (True, "tenants.bank.models", ())
        assert _reviewed(policy, {}).obligations == first.obligations

    def test_they_add_to_what_applied_before(self, compiled: Compile) -> None:
        policy = compiled(
            _with_rules(
                "a: {when: request.stream, demand: {entities: {PERSON: mask}}}",
                "b: {when: findings.PERSON > 3, demand: {entities: {DATE_TIME: drop}}}",
                "c: {when: findings.SECRET > 0, deny: No secrets.}",
            )
        )
        allowed = _reviewed(policy, {"PERSON": 4}, stream=True)
        assert allowed.rules == ("organisation.rules.a", "organisation.rules.b")
        assert allowed.obligations is not None
        operators = [allowed.obligations.request.operator(entity) for entity in ("PERSON", "DATE_TIME")]
        assert operators == [OperatorKind.MASK, OperatorKind.DROP]
        denied = _reviewed(policy, {"PERSON": 4, "SECRET": 1}, stream=True)
        assert denied.rules == tuple(f"organisation.rules.{name}" for name in "abc")
        assert denied.rule == "organisation.rules.c"

    def test_all_of_them_are_those_that_the_levels_do_not_keep(self, compiled: Compile) -> None:
        many = "many: {when: findings.total > 3, deny: Too much.}"
        others = ("d: {when: findings.DATE_TIME > 90, deny: never}", "s: {when: 'true', demand: {entities: {DATE_TIME: mask}}}")
        found = {"PERSON": 2, "SECRET": 1, "DATE_TIME": 9}  # DATE_TIME is kept
        for rules in ((many,), (many, *others)):
            policy = compiled(_with_rules(*rules))
            assert _reviewed(policy, found).allow
            assert _reviewed(policy, {**found, "EMAIL_ADDRESS": 1}).rule == "organisation.rules.many"

    def test_what_has_no_answer_denies(self, compiled: Compile) -> None:
        policy = compiled(_with_rules("r: {when: findings.PERSON / findings.SECRET > 1, demand: {cache: none}}"))
        assert _reviewed(policy, {"PERSON": 1}).rule == "organisation.rules.r"
        assert _reviewed(policy, {"PERSON": 1, "SECRET": 1}).allow

    def test_a_route_may_depend_on_them(self, compiled: Compile) -> None:
        policy = compiled(_with_rules("r: {when: findings.PERSON > 0, demand: {route: {regions: [eu]}}}"))
        reviewed = _reviewed(policy, {"PERSON": 1})
        assert reviewed.obligations is not None
        assert reviewed.obligations.deployments == (policy.deployments["berlin"],)

    def test_a_denial_is_not_reviewed(self, compiled: Compile) -> None:
        policy = compiled(_with_rules("p: {when: findings.PERSON > 3, deny: never}", "s: {when: request.stream, deny: never}"))
        assert decide(policy, TELLER, facts("chat", stream=True)).review is None
