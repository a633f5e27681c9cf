"""The policy decision point: pure, without I/O, and the only place that says allow.

Reasons name what the policy file names. They never quote a model that no rule knows: what a client wrote there may be
anything, and reasons go to the record.
"""

from __future__ import annotations

from gateway.exchange import Decision, Principal
from gateway.policy.compile import CompiledPolicy, Entitlement
from gateway.protocol.wire import Surface

DEFAULT_DENY = "default-deny"


def decide(policy: CompiledPolicy, principal: Principal, *, model: str, surface: Surface) -> Decision:
    """Allow with obligations, or deny; either way with the rule that said so."""
    who = f"{principal.tenant}/{principal.id}"
    entitlement = policy.entitlements.get((principal.tenant, principal.id))
    if entitlement is None:
        return _deny(policy, DEFAULT_DENY, f"the policy does not name {who}")
    grant = entitlement.grants.get(model)
    if grant is None:
        return _no_grant(policy, principal, entitlement, model)
    if surface not in grant.surfaces:
        return _deny(policy, f"models.{model}.surfaces", f"model {model} is not served on {surface}")
    return grant.decision


def visible_models(policy: CompiledPolicy, principal: Principal) -> tuple[str, ...]:
    """The models that this principal may know of, in the order of the policy file."""
    entitlement = policy.entitlements.get((principal.tenant, principal.id))
    return tuple(entitlement.grants) if entitlement else ()


def _no_grant(policy: CompiledPolicy, principal: Principal, entitlement: Entitlement, model: str) -> Decision:
    who = f"{principal.tenant}/{principal.id}"
    if model in entitlement.withheld:
        rule = f"tenants.{principal.tenant}.principals.{principal.id}.models"
        return _deny(policy, rule, f"{who} has a list of its own, without model {model}")
    return _deny(policy, DEFAULT_DENY, f"no rule gives {who} the model it asked for")


def _deny(policy: CompiledPolicy, rule: str, reason: str) -> Decision:
    return Decision(allow=False, rule=rule, reason=reason, policy_version=policy.version)
