from __future__ import annotations

import pytest
from pydantic import SecretStr

from gateway.exchange import Principal
from gateway.exchange.explanation import obligations_in_words
from gateway.obligations import CacheMode, EntityRules, Guide, Limit, LimitKind, Obligations, OperatorKind, Price
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.protocol.wire import ContentKind, Surface
from tests.support.policy_files import LEVELS, Compile, Load

CLERK = Principal(tenant="bank", id="clerk", team="desk")


def _obligations(policy: CompiledPolicy, principal: str, model: str = "small", tenant: str = "demo") -> Obligations:
    standing = policy.standing(Principal(tenant=tenant, id=principal))
    assert standing is not None
    return standing.obligations(model, ())


def test_defaults_of_the_two_directions(compiled: Compile, base: str) -> None:
    obligations = _obligations(compiled(base), "app")
    assert obligations.request.operator("PERSON") is OperatorKind.PLACEHOLDER
    assert obligations.request.operator("CREDIT_CARD") is OperatorKind.MASK
    assert obligations.reply.keeps_everything
    assert not obligations.record_content
    assert obligations.uninspected == frozenset()
    assert (obligations.record, obligations.knowledge) == (None, None)  # as in the request
    assert (obligations.cache, obligations.retention_days, obligations.guide) == (CacheMode.NONE, None, Guide())
    assert (obligations.limits, obligations.price, obligations.sought) == ((), Price(), frozenset())


def test_written_defaults_and_rights(compiled: Compile, base: str) -> None:
    text = base.replace("{CREDIT_CARD: mask}", "{default: hash, SECRET: keep}").replace(
        "{restore: true}",
        "{restore: true, entities: {default: drop}}\n    record: {content: redacted}\n    allow_uninspected: [image]",
    )
    obligations = _obligations(compiled(text), "app")
    assert obligations.request.operator("PERSON") is OperatorKind.HASH
    assert obligations.request.operator("SECRET") is OperatorKind.KEEP
    assert "default" not in obligations.request.by_entity
    assert obligations.reply.operator("PERSON") is OperatorKind.DROP
    assert obligations.record_content
    assert obligations.uninspected == {ContentKind.IMAGE}


@pytest.mark.parametrize(
    ("tenant", "principal", "restores"),
    [
        ("true", "{}", True),
        ("true", "{reply: {restore: true}}", True),
        ("true", "{reply: {restore: false}}", False),
        ("false", "{}", False),
    ],
)
def test_restoration_is_a_right(compiled: Compile, base: str, tenant: str, principal: str, restores: bool) -> None:
    text = base.replace("restore: true", f"restore: {tenant}").replace("app: {}", f"app: {principal}")
    assert _obligations(compiled(text), "app").restore is restores


def test_surfaces_and_deployments_come_from_the_model(compiled: Compile, base: str) -> None:
    policy = compiled(base)
    standing = policy.standing(Principal(tenant="demo", id="app"))
    assert standing is not None
    assert standing.grants["small"].surfaces is None  # all of them
    assert standing.grants["vectors"].surfaces == frozenset({Surface.EMBEDDINGS})
    assert _obligations(policy, "app").deployments == (policy.deployments["local"],)


def test_every_level_adds_its_obligations(compiled: Compile) -> None:
    text = LEVELS.replace(
        "  entities: {SECRET: drop}\n",
        "  entities: {SECRET: drop}\n  limits: {requests: 100/minute}\n  guide: {system: Be honest.}\n  cache: tenant\n"
        "  record: {content: redacted, originals: sealed, retention_days: 90, entities: {DATE_TIME: mask}}\n",
    ).replace(
        "          clerk: {}\n",
        "          clerk:\n            limits: {concurrent: 1}\n            guide: {system: Be brief., prefixes: ['Task:']}\n"
        "            cache: principal\n            record: {retention_days: 7}\n            knowledge: {entities: {PERSON: hash}}\n"
        "            route: {labels: [audited]}\n",
    )
    text = text.replace("harbin]}\n", "harbin], price: {input: 1, output: 2}, limits: {tokens: 9/day}}\n", 1)
    policy = compiled(text)
    obligations = _obligations(policy, "clerk", "chat", "bank")
    assert obligations.limits == (
        Limit(scope="organisation", kind=LimitKind.REQUESTS, amount=100, period_s=60),
        Limit(scope="tenants.bank.teams.desk.principals.clerk", kind=LimitKind.CONCURRENT, amount=1),
        Limit(scope="models.chat", kind=LimitKind.TOKENS, amount=9, period_s=86_400),
    )
    assert obligations.guide == Guide(system=("Be honest.", "Be brief."), prefixes=(("Task:",),))
    assert (obligations.cache, obligations.retention_days, obligations.price) == (
        CacheMode.PRINCIPAL,
        7,
        Price(input=1, output=2),
    )
    assert obligations.deployments == (policy.deployments["berlin"],)
    assert (obligations.record_content, obligations.record_originals) == (True, True)
    assert obligations.record == EntityRules(
        OperatorKind.PLACEHOLDER,
        {"SECRET": OperatorKind.DROP, "PERSON": OperatorKind.SURROGATE, "DATE_TIME": OperatorKind.MASK},
    )
    assert obligations.knowledge is not None
    assert obligations.knowledge.operator("PERSON") is OperatorKind.HASH
    assert obligations.request.operator("PERSON") is OperatorKind.SURROGATE


def test_deployments_carry_their_keys_out_of_sight(load: Load, base: str) -> None:
    policy = compile_policy(load(base), {"local": SecretStr("topsecret")})
    deployment = policy.deployments["local"]
    assert deployment.api_key is not None
    assert deployment.api_key.get_secret_value() == "topsecret"
    assert deployment.timeouts.connect_s == 5.0
    assert "topsecret" not in repr(policy)


def test_equal_deployments_share_a_hash(load: Load, base: str) -> None:
    keys = {"local": SecretStr("a")}
    first, again = (compile_policy(load(text), keys).deployments["local"] for text in (base, base + "# other version\n"))
    assert {first} == {again}
    assert first != compile_policy(load(base), {"local": SecretStr("b")}).deployments["local"]


def test_who_has_a_place_and_who_is_anonymous(compiled: Compile, base: str) -> None:
    policy = compiled(base + "anonymous: demo/app\n")
    assert policy.anonymous == Principal(tenant="demo", id="app")
    analyst = Principal(tenant="demo", id="analyst", key_id="pgw_x")
    assert policy.place(analyst) is analyst
    for nobody in (Principal(tenant="demo", id="nobody"), Principal(tenant="other", id="app")):
        assert policy.place(nobody) is None
        assert policy.standing(nobody) is None
    assert compiled(base).anonymous is None


def test_the_policy_says_in_which_team_a_principal_is(compiled: Compile) -> None:
    policy = compiled(LEVELS)
    for claimed in (None, "desk", "board"):
        assert policy.place(Principal(tenant="bank", id="clerk", team=claimed)) == CLERK
        assert policy.place(Principal(tenant="bank", id="app", team=claimed)) == Principal(tenant="bank", id="app")
    assert set(policy.principals) == {CLERK, Principal(tenant="bank", id="app")}


@pytest.mark.parametrize(
    ("tenant_is_open", "team_is_open", "claimed", "team"),
    [
        (False, False, None, "no place"),
        (False, False, "desk", "no place"),
        (True, False, None, None),
        (True, False, "desk", "no place"),  # nor by naming it into the tenant around it, which has more
        (True, False, "unheard-of", None),
        (False, True, "desk", "desk"),
        (False, True, None, "no place"),
        (False, True, "unheard-of", "no place"),
        (True, True, "desk", "desk"),
        (True, True, None, None),
    ],
)
def test_callers_that_no_file_lists(
    compiled: Compile, tenant_is_open: bool, team_is_open: bool, claimed: str | None, team: str | None
) -> None:
    text = LEVELS.replace(
        "    models: [chat, small]\n", f"    models: [chat, small]\n    open: {str(tenant_is_open).lower()}\n"
    )
    text = text.replace("        models: [chat]\n", f"        models: [chat]\n        open: {str(team_is_open).lower()}\n")
    policy = compiled(text)
    guest = Principal(tenant="bank", id="guest", team=claimed, roles=frozenset({"developer"}))
    placed = policy.place(guest)
    standing = policy.standing(guest)
    if team == "no place":
        assert placed is None
        assert standing is None
    else:
        assert placed == Principal(tenant="bank", id="guest", team=team, roles=guest.roles)
        assert standing is not None
        assert set(standing.grants) == ({"chat"} if team else {"chat", "small"})
    assert policy.place(Principal(tenant="bank", id="guest", team=claimed, key_id="pgw_x")) is None  # keys are for the listed


def test_callers_of_one_team_share_one_standing(compiled: Compile) -> None:
    policy = compiled(LEVELS.replace("        models: [chat]\n", "        models: [chat]\n        open: true\n"))
    first, second = (policy.standing(Principal(tenant="bank", id=who, team="desk")) for who in ("a", "b"))
    assert first is second
    assert first is not None
    assert first.obligations("chat", ()) is first.obligations("chat", ())


def test_what_a_tenant_has_without_its_teams_and_principals(compiled: Compile) -> None:
    policy = compiled(LEVELS)
    standing = policy.of_tenant("bank")
    assert standing is not None
    assert set(standing.grants) == {"chat", "small"}
    assert policy.of_tenant("shop") is None


@pytest.mark.parametrize(
    ("organisation", "tenant", "rule", "withheld"),
    [
        ("", "    models: [chat, small]\n", "tenants.bank.models", {}),
        ("  models: [chat, small]\n", "", "organisation.models", {}),
        ("  models: [chat, small]\n", "    models: [chat]\n", "tenants.bank.models", {}),  # not told what others have
    ],
)
def test_the_list_that_grants_a_model(
    compiled: Compile, organisation: str, tenant: str, rule: str, withheld: dict[str, str]
) -> None:
    text = LEVELS.replace("    models: [chat, small]\n", tenant).replace("organisation:\n", f"organisation:\n{organisation}")
    standing = compiled(text).standing(Principal(tenant="bank", id="app"))
    assert standing is not None
    assert (standing.rule, dict(standing.withheld)) == (rule, withheld)
    assert "chat" in standing.grants


@pytest.mark.parametrize("organisation", ["", "  models: [chat, small]\n"])
def test_the_list_that_leaves_a_model_out(compiled: Compile, organisation: str) -> None:
    text = LEVELS.replace("organisation:\n", f"organisation:\n{organisation}")
    text = text if not organisation else text.replace("    models: [chat, small]\n", "")
    standing = compiled(text).standing(CLERK)
    assert standing is not None
    assert standing.rule == "tenants.bank.teams.desk.models"
    assert standing.withheld == {"small": "tenants.bank.teams.desk.models"}


def test_nothing_of_it_can_be_changed(compiled: Compile, base: str) -> None:
    policy = compiled(base)
    standing = policy.standing(Principal(tenant="demo", id="app"))
    assert standing is not None
    with pytest.raises(TypeError):
        standing.grants["x"] = None  # type: ignore[index]
    with pytest.raises(TypeError):
        _obligations(policy, "app").request.by_entity["SECRET"] = OperatorKind.KEEP  # type: ignore[index]


@pytest.mark.parametrize(
    ("organisation", "tenant", "clerk", "model", "locally"),
    [
        ("", "", "", "", False),
        ("count_locally", "", "", "", True),
        ("", "count_locally", "", "", True),
        ("count_locally", "", "", "refuse", False),
        ("count_locally", "count_locally", "refuse", "", False),
    ],
)
def test_limits_are_counted_by_one_process_where_nobody_refuses(
    compiled: Compile, organisation: str, tenant: str, clerk: str, model: str, locally: bool
) -> None:
    def limits(word: str) -> str:
        return f"limits: {{requests: 9/day{f', when_unavailable: {word}' if word else ''}}}"

    text = (
        LEVELS.replace("organisation:\n", f"organisation:\n  {limits(organisation)}\n")
        .replace("  bank:\n", f"  bank:\n    {limits(tenant)}\n")
        .replace("clerk: {}", f"clerk: {{{limits(clerk)}}}")
        .replace("[berlin, harbin]}", f"[berlin, harbin], {limits(model)}}}")
    )
    obligations = _obligations(compiled(text), "clerk", "chat", "bank")
    assert len(obligations.limits) == 4
    assert obligations.limits_locally is locally
    assert ("limits counted locally when unavailable" in obligations_in_words(obligations)) is locally
