"""A policy made ready for look-ups: everything a request needs is built once, when the file is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from pydantic import SecretStr

from gateway.detection_rules import DetectionRules
from gateway.exchange import Decision, Principal
from gateway.obligations import EntityRules, Obligations, OperatorKind
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


@dataclass(frozen=True, slots=True)
class _Parts:
    """What grants share: the deployments by id, and the rules of detection by tenant."""

    deployments: Mapping[str, CompiledDeployment]
    detection: Mapping[str, DetectionRules]


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

    @cached_property
    def detections(self) -> frozenset[DetectionRules]:
        """How texts are read, for every tenant; the same object as long as this policy is in force."""
        decisions = (grant.decision for who in self.entitlements.values() for grant in who.grants.values())
        return frozenset(one.obligations.detection for one in decisions if one.obligations is not None)

    def knows(self, principal: Principal) -> bool:
        """Whether the file still names this principal."""
        return (principal.tenant, principal.id) in self.entitlements


def compile_policy(
    loaded: LoadedPolicy, secrets: Mapping[str, SecretStr], detections: Iterable[DetectionRules] = ()
) -> CompiledPolicy:
    """`secrets` holds the backends' keys by deployment id.

    Of `detections`, those of the policy before, equal ones are used again: they are compared with each request, and the same
    object is equal at once, however many names it lists.
    """
    policy = loaded.policy
    deployments = {name: _deployment(policy, name, secrets) for name in policy.deployments}
    before = {rules: rules for rules in detections}
    made = {tenant: written.detection.rules(tenant) for tenant, written in policy.tenants.items()}
    parts = _Parts(deployments, {tenant: before.get(rules, rules) for tenant, rules in made.items()})
    return CompiledPolicy(
        version=loaded.version,
        entitlements=MappingProxyType(
            {
                (tenant, principal): _entitlement(loaded, parts, tenant, principal)
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


def _entitlement(loaded: LoadedPolicy, parts: _Parts, tenant: str, principal: str) -> Entitlement:
    rules = loaded.policy.tenants[tenant]
    own = rules.principals[principal].models
    allowed = rules.models if own is None else own
    rule = f"tenants.{tenant}.models" if own is None else f"tenants.{tenant}.principals.{principal}.models"
    return Entitlement(
        grants=MappingProxyType({model: _grant(loaded, parts, tenant, principal, model, rule) for model in allowed}),
        withheld=frozenset(rules.models) - frozenset(allowed),
    )


def _grant(loaded: LoadedPolicy, parts: _Parts, tenant: str, principal: str, model: str, rule: str) -> Grant:
    rules = loaded.policy.tenants[tenant]
    written = loaded.policy.models[model]
    return Grant(
        surfaces=frozenset(written.surfaces or Surface),
        decision=Decision(
            allow=True,
            rule=rule,
            reason=f"model {model} is listed for {tenant}/{principal}",
            policy_version=loaded.version,
            obligations=_obligations(
                rules,
                rules.principals[principal],
                parts.detection[tenant],
                tuple(parts.deployments[name] for name in written.deployments),
            ),
        ),
    )


def _obligations(
    tenant: Tenant, principal: PrincipalRules, detection: DetectionRules, deployments: tuple[CompiledDeployment, ...]
) -> Obligations:
    return Obligations(
        request=_rules(tenant.entities, OperatorKind.PLACEHOLDER),
        reply=_rules(tenant.reply.entities, OperatorKind.KEEP),
        restore=tenant.reply.restore and principal.restore is not False,
        detection=detection,
        uninspected=frozenset(tenant.allow_uninspected),
        record_content=tenant.record.content == "redacted",
        deployments=deployments,
    )


def _rules(written: Mapping[str, OperatorKind], default: OperatorKind) -> EntityRules:
    named = {entity: operator for entity, operator in written.items() if entity != DEFAULT}
    return EntityRules(written.get(DEFAULT, default), MappingProxyType(named))
