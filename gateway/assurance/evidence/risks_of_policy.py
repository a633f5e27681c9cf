"""Risks that show beside a tenant's terms: in deployments, people, purposes, callers, and in budgets of privacy. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.assurance.evidence.categories import SENSITIVE
from gateway.assurance.evidence.data_flow import protection
from gateway.assurance.evidence.document import BUILT_IN, Origin, Source, Value, listed
from gateway.assurance.evidence.drawn import Drawn
from gateway.assurance.evidence.purposes import purposes_of
from gateway.assurance.evidence.risk import Risk
from gateway.assurance.evidence.survey import TenantSurvey, placed
from gateway.dp.budget import Budget
from gateway.obligations import OperatorKind
from gateway.policy.language.schema import Basis
from gateway.rules.identity import Role

_OFFICERS = 2
"""One asks to see originals, another one agrees."""
LARGE_EPSILON = 10.0
"""Above it a promise of differential privacy is hardly one (Ponomareva et al., How to DP-fy ML, JAIR 77, 2023, tier 3)."""


def of_tenant(tenant: TenantSurvey) -> Iterator[Risk]:
    yield from _kept(tenant)
    yield from _kept_on_record(tenant)
    yield from _recipients(tenant)
    yield from _officers(tenant)
    yield from _callers(tenant)
    yield from _not_judged(tenant)
    if allowed := len(tenant.written.detection.allow):
        source = tenant.at(*tenant.path, "detection", "allow")
        yield Risk(key="risk.allowed_values", source=source, values={"tenant": tenant.name, "values": allowed})


def of_all(drawn: Drawn) -> Iterator[Risk]:
    """What is no single tenant's."""
    yield Risk(key="risk.missed", source=BUILT_IN)
    for name, one in purposes_of(drawn).items():
        if one.basis is Basis.CONSENT and not one.needs_consent:
            source = placed(drawn.loaded, "purposes", name, "consent")
            yield Risk(key="risk.consent_not_asked", source=source, values={"purpose": name})
    people = drawn.policy.written.identity.people
    for name, person in sorted(people.items()):
        if {Role.PRIVACY_OFFICER, Role.OPERATOR} <= set(person.roles) and drawn.concerns(person.tenants):
            source = placed(drawn.loaded, "identity", "people", name)
            yield Risk(key="risk.both_roles", source=source, values={"person": name})


def of_budgets(budgets: Sequence[Budget], tenants: frozenset[str]) -> Iterator[Risk]:
    """Budgets of differential privacy that promise little."""
    for one in sorted(budgets, key=lambda budget: (budget.tenant, budget.data_set)):
        if one.tenant in tenants and one.epsilon > LARGE_EPSILON:
            values: dict[str, Value] = {
                "tenant": one.tenant,
                "data_set": one.data_set,
                "epsilon": one.epsilon,
                "most": LARGE_EPSILON,
            }
            yield Risk(key="risk.large_budget", source=Source(Origin.RECORD, one.data_set), values=values)


def _kept(tenant: TenantSurvey) -> Iterator[Risk]:
    kept = [entity for entity, operator in tenant.operators.items() if operator is OperatorKind.KEEP]
    sensitive = [entity for entity in kept if tenant.category(entity) in SENSITIVE]
    if sensitive:
        source = tenant.said(lambda terms: terms.request, "entities")
        yield Risk(key="risk.keeps_sensitive", source=source, values={"tenant": tenant.name, "types": listed(sensitive)})


def _kept_on_record(tenant: TenantSurvey) -> Iterator[Risk]:
    if not tenant.terms.record_content:
        return
    rules = tenant.terms.record.within(tenant.terms.request).rules
    kept = [
        entity
        for entity in tenant.operators
        if rules.operator(entity) is OperatorKind.KEEP and tenant.category(entity) in SENSITIVE
    ]
    if kept:
        source = tenant.said(lambda terms: terms.record_content, "record")
        yield Risk(key="risk.clear_on_record", source=source, values={"tenant": tenant.name, "types": listed(kept)})


def _recipients(tenant: TenantSurvey) -> Iterator[Risk]:
    for one in tenant.recipients:
        source, values = tenant.at("deployments", one.id), {"tenant": tenant.name, "deployment": one.id}
        if one.external:
            where = tenant.said(lambda terms: terms.route.external, "route", "external")
            yield Risk(key="risk.external", source=where, values=values)
        if protection(one) == "none" and one.kind != "fhe":  # ciphertexts are no secret on a line
            yield Risk(key="risk.clear_line", source=source, values=values)
        if one.sidecars:
            yield Risk(key="risk.unread", source=source, values=values)
    for model in sorted(tenant.terms.models or ()):
        shadow = tenant.policy.written.models[tenant.policy.model_of(model)].routing.shadow
        if shadow is not None and any(one.id == shadow.deployment for one in tenant.recipients):
            source = tenant.at("models", model, "routing", "shadow")
            yield Risk(key="risk.shadow", source=source, values={"tenant": tenant.name, "deployment": shadow.deployment})


def _officers(tenant: TenantSurvey) -> Iterator[Risk]:
    """Where an identity provider names officers too, policy cannot say how many there are."""
    identity = tenant.policy.written.identity
    named_elsewhere = any(
        Role.PRIVACY_OFFICER in issuer.roles.values() and tenant.name in issuer.tenants for issuer in identity.jwt.values()
    )
    if not tenant.terms.record_originals or named_elsewhere:
        return
    officers = tenant.people(Role.PRIVACY_OFFICER)
    if len(officers) < _OFFICERS:
        values: dict[str, Value] = {"tenant": tenant.name, "officers": len(officers)}
        yield Risk(key="risk.one_officer", source=tenant.at("identity", "people"), values=values)


def _callers(tenant: TenantSurvey) -> Iterator[Risk]:
    anonymous = tenant.policy.anonymous
    if anonymous is not None and anonymous.tenant == tenant.name:
        yield Risk(key="risk.anonymous", source=tenant.at("anonymous"), values={"tenant": tenant.name})
    if tenant.written.open:
        yield Risk(key="risk.open", source=tenant.at(*tenant.path, "open"), values={"tenant": tenant.name})


def _not_judged(tenant: TenantSurvey) -> Iterator[Risk]:
    standing = tenant.policy.of_tenant(tenant.name)
    if standing is not None and not standing.conditions.judged:
        source = tenant.said(lambda terms: terms.rules, "rules")
        yield Risk(key="risk.not_judged", source=source, values={"tenant": tenant.name})
