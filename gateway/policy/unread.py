"""Exchanges that pass through unread: their caller holds the key, and nobody else can look into them.

So what policy demands beyond a place to go must not need a look: nothing can be kept of such an exchange, no words can be put
before it, and no beginning of it can be checked. Where policy wants one of these it is denied. What is to be done with
findings is left to the caller: here there is nothing that could be found, nor anybody who could read it.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.exchange import Decision, Principal
from gateway.obligations import DeploymentRef, Obligations, RouteTerms
from gateway.policy.compile import CompiledPolicy
from gateway.policy.decide import decide
from gateway.policy.routes import deployments_of
from gateway.protocol.facts import Facts


def decide_unread(policy: CompiledPolicy, principal: Principal, facts: Facts) -> Decision:
    """As `decide`, for an exchange of frames. Where a rule depends on what is found, it counts as found."""
    decision = replace(decide(policy, principal, facts, unread=True), unread=True)
    if not decision.allow or decision.obligations is None:
        return decision
    own = decision.obligations
    if needed := _needs_a_look(own):
        return _denied(decision, needed, f"policy asks for {needed}, and nobody but its caller can read this exchange")
    routing = _taking_frames(own.routing, frozenset(one for one in policy.places if one.sidecars))
    if not routing.tiers:
        return _denied(decision, "route", f"no deployment of model {decision.model} takes what only its caller can read")
    return replace(decision, obligations=replace(own, routing=routing, deployments=deployments_of(routing)))


def _needs_a_look(own: Obligations) -> str | None:
    """The part of policy that could not be kept, if there is one."""
    if own.record_content:
        return "record.content"
    if own.guide.system or own.guide.prefixes:
        return "guide"
    if own.grounding is not None and own.grounding.always:
        return "grounding"
    return None


def _taking_frames(routing: RouteTerms, takers: frozenset[DeploymentRef]) -> RouteTerms:
    """Without those that look on: a copy of what nobody can read would help nobody."""
    tiers = tuple(filter(None, (tuple(one for one in tier if one in takers) for tier in routing.tiers)))
    canary = routing.canary if routing.canary is not None and routing.canary.deployment in takers and tiers else None
    return replace(routing, tiers=tiers, canary=canary, shadow=None, hedge_after_s=None)


def _denied(decision: Decision, rule: str, reason: str) -> Decision:
    return replace(decision, allow=False, rule=rule, reason=reason, obligations=None)
