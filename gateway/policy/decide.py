"""The policy decision point: pure, without I/O, and the only place that says allow.

Denied unless the policy has a place for the caller, its models hold the one it asks for, on this surface, for a purpose that
it may have, with a consent where that purpose needs one, no rule denies, and a deployment meets every demand on the route.

Reasons name what the policy file names. They never quote a model or a purpose that no rule knows: what a client wrote there
may be anything, and reasons go to the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from gateway.exchange import Decision, Principal, Review
from gateway.policy.compile import CompiledPolicy
from gateway.policy.conditions import Applied
from gateway.policy.standing import Standing
from gateway.policy.terms import PlacedRule
from gateway.protocol.facts import Facts

DEFAULT_DENY = "default-deny"
_HELPER = "a model that a tool or the moderation of its request names"


def decide(policy: CompiledPolicy, principal: Principal, facts: Facts, *, unread: bool = False) -> Decision:
    """Allow with obligations, or deny; either way with the rule that said so.

    Where rules depend on what is found in the request, the decision's `review` decides again when that is known. A request
    that only its caller can read (`unread`) may hold anything: all of these rules apply to it, and nothing is decided again.
    How many messages, tools and bytes it has is unknown, and rules that depend on that deny it, as all do that cannot be
    evaluated.
    """
    placed = policy.place(principal)
    standing = policy.standing(placed) if placed is not None else None
    if placed is None or standing is None:
        return _denied(policy.version, DEFAULT_DENY, f"the policy has no place for {_who(principal)}")
    case = _Case(policy.version, placed, standing, facts, _known(policy, standing, facts))
    return case.ungranted() or case.unfit_purpose() or (case.on_unread() if unread else case.on_request())


def visible_models(policy: CompiledPolicy, principal: Principal) -> tuple[str, ...]:
    """The models that this principal may know of and their aliases, in the order of the policy file."""
    standing = policy.standing(principal)
    return tuple(name for name in policy.written.models if policy.model_of(name) in standing.grants) if standing else ()


def purpose_of(standing: Standing, facts: Facts) -> str | None:
    """The purpose of a request: the one it states, if the policy knows it, or the only one that its caller may have."""
    allowed = standing.terms.purposes
    if facts.purpose is None and allowed is not None and len(allowed) == 1:
        return next(iter(allowed))
    return facts.purpose if facts.purpose in standing.purposes else None


def _known(policy: CompiledPolicy, standing: Standing, facts: Facts) -> Facts:
    purpose, model = purpose_of(standing, facts), policy.model_of(facts.model)
    same = purpose == facts.purpose and model == facts.model
    return facts if same else replace(facts, purpose=purpose, model=model)


@dataclass(frozen=True, slots=True)
class _Case:
    """One request of one caller. `facts` are as the client stated them, `known` with the purpose that holds and the model that
    is meant.
    """

    version: str
    principal: Principal
    standing: Standing
    facts: Facts
    known: Facts

    def ungranted(self) -> Decision | None:
        """A model that helps is passed on by the name that the request has: an alias would mean nothing to the backend."""
        asked = [(self.known.model, "the model it asked for"), *((name, _HELPER) for name in self.facts.helpers)]
        return next(filter(None, (self._ungranted(model, what) for model, what in asked)), None)

    def _ungranted(self, model: str, what: str) -> Decision | None:
        surface = self.facts.surface
        grant = self.standing.grants.get(model)
        if grant is None and model in self.standing.withheld:
            return self._deny(self.standing.withheld[model], f"this list leaves out model {model}")
        if grant is None:
            return self._deny(DEFAULT_DENY, f"no rule gives {_who(self.principal)} {what}")
        if grant.surfaces is not None and surface not in grant.surfaces:
            return self._deny(f"models.{model}.surfaces", f"model {model} is not served on {surface}")
        return None

    def unfit_purpose(self) -> Decision | None:
        allowed, purpose = self.standing.terms.purposes, self.known.purpose
        if allowed is not None and purpose not in allowed:
            said = "the request states no purpose" if self.facts.purpose is None else "the request's purpose is not allowed"
            return self._deny("purposes", f"{said}; {_who(self.principal)} may have: {', '.join(sorted(allowed)) or 'none'}")
        if purpose is not None and self.standing.purposes[purpose].needs_consent and self.facts.consent is None:
            return self._deny(f"purposes.{purpose}.consent", f"purpose {purpose} needs a reference to a consent")
        return None

    def on_request(self) -> Decision:
        conditions = self.standing.conditions
        applied = conditions.of_request(self.principal, self.known)
        review = partial(self._on_findings, applied.rules) if conditions.waits else None
        return self._refused(applied) or self._allowed(applied.rules, review)

    def on_unread(self) -> Decision:
        conditions = self.standing.conditions
        applied = conditions.of_unread(self.principal, self.known)
        applied = replace(applied, rules=(*applied.rules, *conditions.waiting))
        return self._refused(applied) or self._allowed(applied.rules)

    def _on_findings(
        self, before: tuple[PlacedRule, ...], findings: Mapping[str, int], content: Mapping[str, float] | None = None
    ) -> Decision:
        total = self.standing.protected(findings)
        applied = self.standing.conditions.of_findings(self.principal, self.known, findings, total, content)
        applied = replace(applied, rules=(*before, *applied.rules))
        return self._refused(applied) or self._allowed(applied.rules)

    def _refused(self, applied: Applied) -> Decision | None:
        for rule in applied.failed:
            return self._deny(rule.id, "the condition of this rule could not be evaluated", applied.rules)
        for rule in applied.rules:
            if rule.rule.deny is not None:
                return self._deny(rule.id, rule.rule.deny, applied.rules)
        return None

    def _allowed(self, rules: tuple[PlacedRule, ...], review: Review | None = None) -> Decision:
        model, purpose = self.known.model, self.known.purpose
        obligations = self.standing.obligations(model, rules, self.facts.model)
        if not obligations.deployments:
            demands = "; ".join(self.standing.demands(model, rules))
            return self._deny("route", f"no deployment of model {model} meets what is demanded of it: {demands}", rules)
        why = f"model {model} is listed for {_who(self.principal)}"
        return Decision(
            allow=True,
            rule=self.standing.rule,
            reason=why if purpose is None else f"{why}, for {purpose} ({self.standing.purposes[purpose].basis})",
            policy_version=self.version,
            obligations=obligations,
            review=review,
            **self._names(rules),
        )

    def _deny(self, rule: str, reason: str, rules: tuple[PlacedRule, ...] = ()) -> Decision:
        return replace(_denied(self.version, rule, reason), **self._names(rules))

    def _names(self, rules: tuple[PlacedRule, ...]) -> dict[str, Any]:
        """What a decision says beside its verdict, whichever it is."""
        model, purpose = self.known.model, self.known.purpose
        known = self._knows(model)
        asked = self.facts.model if known else None
        needs_consent = purpose is not None and self.standing.purposes[purpose].needs_consent
        ids = tuple(rule.id for rule in rules)
        serves = model if known else None
        helpers = tuple(dict.fromkeys(name if self._knows(name) else "" for name in self.facts.helpers))
        said = {"rules": ids, "model": asked, "serves": serves, "purpose": purpose, "needs_consent": needs_consent}
        return said | {"helpers": helpers}

    def _knows(self, model: str) -> bool:
        return model in self.standing.grants or model in self.standing.withheld


def _denied(version: str, rule: str, reason: str) -> Decision:
    return Decision(allow=False, rule=rule, reason=reason, policy_version=version)


def _who(principal: Principal) -> str:
    return f"{principal.tenant}/{principal.id}"
