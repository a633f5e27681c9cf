"""What the policy in force comes to, put into the shapes of this API. Pure."""

from __future__ import annotations

from collections.abc import Collection

from gateway.api.admin.limit_shapes import quota
from gateway.api.admin.policy_shapes import (
    EffectiveGrounding,
    EffectiveOperators,
    EffectivePolicy,
    EffectivePurpose,
    EffectiveRoute,
    EffectiveRule,
    Explanation,
    PolicyState,
    Question,
)
from gateway.exchange import Decision, Principal
from gateway.exchange.explanation import obligations_in_words
from gateway.obligations import CacheMode, GroundingTerms, PseudonymScope
from gateway.policy.answer import scored
from gateway.policy.compile import CompiledPolicy
from gateway.policy.decide import decide
from gateway.policy.standing import Standing
from gateway.policy.status import PolicyStatus
from gateway.policy.strength import Operators
from gateway.policy.terms import PlacedRule, Route
from gateway.protocol.facts import Facts


def state(status: PolicyStatus, *, whole: bool) -> PolicyState:
    """`whole`: with what may name any tenant."""
    return PolicyState(
        version=status.version,
        loaded_at=status.loaded_at,
        last_attempt=status.last_attempt,
        stale=status.stale,
        path=status.path if whole else None,
        problem=status.problem if whole else None,
    )


def effective(version: str, standing: Standing, tenant: str, principal: str | None) -> EffectivePolicy:
    terms = standing.terms
    limits = [*terms.limits, *(limit for grant in standing.grants.values() for limit in grant.limits)]
    return EffectivePolicy(
        version=version,
        tenant=tenant,
        principal=principal,
        models=tuple(standing.grants),
        purposes=_purposes(standing),
        request=_operators(terms.request),
        reply=_operators(terms.reply),
        record=_operators(terms.record),
        knowledge=_operators(terms.knowledge),
        grounding=_grounding(terms.grounding.terms()),
        writers=tuple(sorted(terms.writers or ())),
        restore=bool(terms.restore),
        store_s=terms.store_s or 0,
        record_content=bool(terms.record_content),
        record_originals=bool(terms.record_originals),
        retention_days=terms.retention_days,
        route=_route(terms.route),
        cache=terms.cache or CacheMode.NONE,
        pseudonyms=terms.pseudonyms or PseudonymScope.REQUEST,
        allow_uninspected=tuple(sorted(terms.uninspected or ())),
        system=terms.system,
        prefixes=terms.prefixes,
        limits=tuple(map(quota, limits)),
        rules=tuple(map(_rule, terms.rules)),
    )


def explained(policy: CompiledPolicy, question: Question) -> Explanation:
    """What the policy says to this request, and with findings, what it says when it knows them."""
    asker = Principal(tenant=question.tenant, id=question.principal, team=question.team, roles=frozenset(question.roles))
    first = decide(policy, asker, Facts(**question.request.model_dump()))
    if question.findings is None or first.review is None:
        return _explanation(first, waits=first.review is not None)
    return _explanation(first.review(question.findings, scored(question.content)), waits=True)


def _explanation(decision: Decision, *, waits: bool) -> Explanation:
    return Explanation(
        allow=decision.allow,
        rule=decision.rule,
        reason=decision.reason,
        rules=decision.rules,
        obligations=obligations_in_words(decision.obligations) if decision.obligations else (),
        policy_version=decision.policy_version,
        purpose=decision.purpose,
        depends_on_findings=waits,
    )


def _purposes(standing: Standing) -> tuple[EffectivePurpose, ...] | None:
    allowed = standing.terms.purposes
    if allowed is None:
        return None
    return tuple(
        EffectivePurpose(id=name, basis=one.basis, description=one.description, needs_consent=one.needs_consent)
        for name, one in standing.purposes.items()
        if name in allowed
    )


def _operators(operators: Operators) -> EffectiveOperators:
    return EffectiveOperators(default=operators.default, named=dict(sorted(operators.named.items())))


def _grounding(own: GroundingTerms | None) -> EffectiveGrounding | None:
    if own is None:
        return None
    return EffectiveGrounding(
        collections=_sorted(own.collections),
        labels=tuple(sorted(own.labels)),
        passages=own.passages,
        tokens=own.tokens,
        always=own.always,
        says_so=own.says_so,
    )


def _route(route: Route) -> EffectiveRoute:
    return EffectiveRoute(
        regions=_sorted(route.regions),
        labels=tuple(sorted(route.labels)),
        kinds=_sorted(route.kinds),
        external=route.external is True,
    )


def _sorted(names: Collection[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted(names))


def _rule(placed: PlacedRule) -> EffectiveRule:
    rule = placed.rule
    demand = None if rule.demand is None else rule.demand.model_dump(mode="json", exclude_defaults=True)
    return EffectiveRule(id=placed.id, when=rule.when, deny=rule.deny, demand=demand, reason=rule.reason)
