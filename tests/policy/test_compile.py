from __future__ import annotations

import pytest
from pydantic import SecretStr

from gateway.exchange import Principal
from gateway.obligations import Obligations, OperatorKind
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.protocol.wire import ContentKind, Surface
from tests.support.policy_files import Compile, Load


def _obligations(policy: CompiledPolicy, principal: str, model: str = "small") -> Obligations:
    obligations = policy.entitlements["demo", principal].grants[model].decision.obligations
    assert obligations is not None
    return obligations


def test_defaults_of_the_two_directions(compiled: Compile, base: str) -> None:
    obligations = _obligations(compiled(base), "app")
    assert obligations.request.operator("PERSON") is OperatorKind.PLACEHOLDER
    assert obligations.request.operator("CREDIT_CARD") is OperatorKind.MASK
    assert obligations.reply.keeps_everything
    assert not obligations.record_content
    assert obligations.uninspected == frozenset()


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
    [("true", "{}", True), ("true", "{restore: true}", True), ("true", "{restore: false}", False), ("false", "{}", False)],
)
def test_restoration_is_a_right(compiled: Compile, base: str, tenant: str, principal: str, restores: bool) -> None:
    text = base.replace("restore: true", f"restore: {tenant}").replace("app: {}", f"app: {principal}")
    assert _obligations(compiled(text), "app").restore is restores


def test_surfaces_and_deployments_come_from_the_model(compiled: Compile, base: str) -> None:
    grants = compiled(base).entitlements["demo", "app"].grants
    assert grants["small"].surfaces == frozenset(Surface)
    assert grants["vectors"].surfaces == {Surface.EMBEDDINGS}
    policy = compiled(base)
    assert _obligations(policy, "app").deployments == (policy.deployments["local"],)


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


def test_who_is_known_and_who_is_anonymous(compiled: Compile, base: str) -> None:
    policy = compiled(base + "anonymous: demo/app\n")
    assert policy.anonymous == Principal(tenant="demo", id="app")
    assert policy.knows(Principal(tenant="demo", id="analyst", key_id="pgw_x"))
    assert not policy.knows(Principal(tenant="demo", id="nobody"))
    assert compiled(base).anonymous is None


def test_nothing_of_it_can_be_changed(compiled: Compile, base: str) -> None:
    policy = compiled(base)
    with pytest.raises(TypeError):
        policy.entitlements["demo", "app"].grants["x"] = None  # type: ignore[index]
    with pytest.raises(TypeError):
        _obligations(policy, "app").request.by_entity["SECRET"] = OperatorKind.KEEP  # type: ignore[index]
