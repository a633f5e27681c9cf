"""A policy made ready for look-ups: everything a request needs is built once, when the file is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

from pydantic import SecretStr

from gateway.exchange import Decision, EntityRules, Obligations, OperatorKind, Principal
from gateway.policy.load import LoadedPolicy
from gateway.policy.schema import DEFAULT, Policy, PrincipalRules, Tenant, Timeouts
from gateway.protocol.wire import Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledDeployment:
    """A backend with its key. Equal ones may share a connection pool, also across reloads."""

    id: str
    base_url: str
    model: str | None
    api_key: SecretStr | None = field(repr=False)
    timeouts: Timeouts


_Places: TypeAlias = Mapping[str, CompiledDeployment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One model that one principal may use, where, and the decision that says so."""

    surfaces: frozenset[Surface]
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What one principal may do. `withheld` are models of its tenant that its own list leaves out."""

    grants: Mapping[str, Grant]
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class CompiledPolicy:
    """The policy in force."""

    version: str
    entitlements: Mapping[tuple[str, str], Entitlement] = field(repr=False)
    deployments: Mapping[str, CompiledDeployment]
    anonymous: Principal | None = None

    @cached_property
    def places(self) -> frozenset[CompiledDeployment]:
        """Every deployment, by value; the same object as long as this policy is in force."""
        return frozenset(self.deployments.values())

    def knows(self, principal: Principal) -> bool:
        """Whether the file still names this principal."""
        return (principal.tenant, principal.id) in self.entitlements


def compile_policy(loaded: LoadedPolicy, secrets: Mapping[str, SecretStr]) -> CompiledPolicy:
    """`secrets` holds the backends' keys by deployment id."""
    policy = loaded.policy
    deployments = {name: _deployment(policy, name, secrets) for name in policy.deployments}
    return CompiledPolicy(
        version=loaded.version,
        entitlements=MappingProxyType(
            {
                (tenant, principal): _entitlement(loaded, deployments, tenant, principal)
                for tenant, rules in policy.tenants.items()
                for principal in rules.principals
            }
        ),
        deployments=MappingProxyType(deployments),
        anonymous=_anonymous(policy),
    )


def _deployment(policy: Policy, name: str, secrets: Mapping[str, SecretStr]) -> CompiledDeployment:
    written = policy.deployments[name]
    return CompiledDeployment(
        id=name,
        base_url=written.base_url,
        model=written.model,
        api_key=secrets.get(name),
        timeouts=written.timeouts,
    )


def _anonymous(policy: Policy) -> Principal | None:
    if policy.anonymous is None:
        return None
    tenant, _, principal = policy.anonymous.partition("/")
    return Principal(tenant=tenant, id=principal)


def _entitlement(loaded: LoadedPolicy, places: _Places, tenant: str, principal: str) -> Entitlement:
    rules = loaded.policy.tenants[tenant]
    own = rules.principals[principal].models
    allowed = rules.models if own is None else own
    rule = f"tenants.{tenant}.models" if own is None else f"tenants.{tenant}.principals.{principal}.models"
    return Entitlement(
        grants=MappingProxyType({model: _grant(loaded, places, tenant, principal, model, rule) for model in allowed}),
        withheld=frozenset(rules.models) - frozenset(allowed),
    )


def _grant(loaded: LoadedPolicy, places: _Places, tenant: str, principal: str, model: str, rule: str) -> Grant:
    rules = loaded.policy.tenants[tenant]
    written = loaded.policy.models[model]
    return Grant(
        surfaces=frozenset(written.surfaces or Surface),
        decision=Decision(
            allow=True,
            rule=rule,
            reason=f"model {model} is listed for {tenant}/{principal}",
            policy_version=loaded.version,
            obligations=_obligations(rules, rules.principals[principal], tuple(places[name] for name in written.deployments)),
        ),
    )


def _obligations(tenant: Tenant, principal: PrincipalRules, deployments: tuple[CompiledDeployment, ...]) -> Obligations:
    return Obligations(
        request=_rules(tenant.entities, OperatorKind.PLACEHOLDER),
        reply=_rules(tenant.reply.entities, OperatorKind.KEEP),
        restore=tenant.reply.restore and principal.restore is not False,
        uninspected=frozenset(tenant.allow_uninspected),
        record_content=tenant.record.content == "redacted",
        deployments=deployments,
    )


def _rules(written: Mapping[str, OperatorKind], default: OperatorKind) -> EntityRules:
    named = {entity: operator for entity, operator in written.items() if entity != DEFAULT}
    return EntityRules(written.get(DEFAULT, default), MappingProxyType(named))
