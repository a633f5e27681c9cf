"""One answer of a policy, taken apart: the rule with its line, the rules that applied or did not, obligations, remedies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.cli.common.policy import Opened
from gateway.cli.policy.remedies import remedies
from gateway.exchange import Decision, Principal
from gateway.exchange.explanation import obligations_in_words
from gateway.policy.answer import Answer, answer
from gateway.policy.decide import DEFAULT_DENY
from gateway.policy.language.condition import waits_for_text
from gateway.policy.language.scope import Route
from gateway.policy.levels import Level, chain, homes
from gateway.policy.terms import PlacedRule
from gateway.protocol.facts import Facts


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to explain; `findings` is None where nobody has looked yet. `unread`: only its caller can read it."""

    principal: Principal
    facts: Facts = field(repr=False)
    findings: Mapping[str, int] | None = None
    content: Mapping[str, float] | None = None
    from_record: bool = False
    consent_is_known: bool = True
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """A conditional rule of the caller's levels, and whether it applied."""

    id: str
    when: str
    effect: str
    state: str
    at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`at` is file:line:column. `notes` say what the answer does not know."""

    asked: Asked
    answer: Answer
    at: str | None
    rules: tuple[RuleState, ...]
    remedies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        if self.answer.blocked:
            return "block"
        return "allow" if self.answer.decision.allow else "deny"

    def lines(self) -> Iterator[str]:
        """For people."""
        decision, asked = self.answer.decision, self.asked
        purpose = f", purpose {decision.purpose}" if decision.purpose else ""
        model = asked.facts.model or "a model whose name was not recorded"
        who = f"{asked.principal.tenant}/{asked.principal.id}"
        yield f"{self.verdict}  {who}  {model} on {asked.facts.surface}{purpose}"
        yield f"  rule    {decision.rule}" + (f"  ({self.at})" if self.at else "")
        yield f"  reason  {decision.reason}"
        if self.answer.blocked:
            yield f"  but     it contains {', '.join(self.answer.blocked)}, for which policy refuses it"
        yield from _listed("rules", [f"{one.state:<12} {one.id}: {one.effect} when {one.when}" for one in self.rules])
        yield from _listed("obligations", list(_obligations(decision)))
        yield from _listed("it would be allowed with", list(self.remedies))
        yield from _listed("note", list(self.notes))

    def as_object(self) -> dict[str, Any]:
        """For programs."""
        decision = self.answer.decision
        return {
            "decision": self.verdict,
            "rule": decision.rule,
            "at": self.at,
            "reason": decision.reason,
            "policy": decision.policy_version,
            "purpose": decision.purpose,
            "blocked": list(self.answer.blocked),
            "rules": [
                {"id": one.id, "state": one.state, "when": one.when, "effect": one.effect, "at": one.at} for one in self.rules
            ],
            "obligations": list(_obligations(decision)),
            "remedies": list(self.remedies),
            "notes": list(self.notes),
        }


def explained(at: Opened, asked: Asked) -> Explained:
    """Raises nothing for a caller whom the policy does not know: that is a denial with a reason."""
    told = _told(at, asked)
    levels = _levels(at, asked.principal)
    found = () if told.lets_through else _remedies(at, asked)
    return Explained(
        asked=asked,
        answer=told,
        at=_place(at, levels, told.decision),
        rules=tuple(_states(at, asked, told.decision)),
        remedies=found,
        notes=tuple(_notes(at, asked, told, found)),
    )


def _told(at: Opened, asked: Asked) -> Answer:
    return answer(at.compiled, asked.principal, asked.facts, asked.findings, asked.content, unread=asked.unread)


def _remedies(at: Opened, asked: Asked) -> tuple[str, ...]:
    if at.compiled.place(asked.principal) is None:
        who, tenant = asked.principal, at.loaded.policy.tenants.get(asked.principal.tenant)
        return () if tenant is None else (f"a place in the policy: {who.id} under tenants.{who.tenant}.principals",)
    return remedies(at.compiled, asked.principal, asked.facts, asked.findings, asked.content, unread=asked.unread)


def _levels(at: Opened, principal: Principal) -> tuple[Level, ...]:
    placed = at.compiled.place(principal)
    if placed is None:
        return ()
    listed = (placed.team, placed.id) in set(homes(at.loaded.policy, placed.tenant))
    return chain(at.loaded.policy, placed.tenant, placed.team, placed.id if listed else None)


def _place(at: Opened, levels: tuple[Level, ...], decision: Decision) -> str | None:
    """Where the rule stands; of what several levels say together, the innermost that says it."""
    if decision.rule == DEFAULT_DENY:
        return None
    if decision.rule == "route" and decision.rules:
        return at.at(decision.rules[-1])
    saying = [level.name for level in levels if _says(level, decision.rule)]
    return at.at(f"{saying[-1]}.{decision.rule}" if saying else decision.rule)


def _says(level: Level, rule: str) -> bool:
    if rule == "purposes":
        return level.scope.purposes is not None
    return rule == "route" and level.scope.route != Route()


def _states(at: Opened, asked: Asked, decision: Decision) -> Iterator[RuleState]:
    standing = at.compiled.standing(asked.principal)
    rules = standing.terms.rules if standing else ()
    first = _told(at, replace(asked, findings=None)).decision
    reached = first.allow or first.rule == "route" or first.rule in {one.id for one in rules}
    for one in rules:
        when = " ".join(one.rule.when.split())
        looked = asked.unread or (first.allow and asked.findings is not None)
        seen = reached and (looked or not waits_for_text(one.rule.when))
        state = "applied" if one.id in decision.rules else "did not" if seen else "waits" if first.allow else "not asked"
        yield RuleState(id=one.id, when=when, effect=_effect(one), state=state, at=at.at(one.id))


def _effect(one: PlacedRule) -> str:
    return "deny" if one.rule.deny is not None else "demand more"


def _obligations(decision: Decision) -> tuple[str, ...]:
    return obligations_in_words(decision.obligations) if decision.obligations else ()


def _notes(at: Opened, asked: Asked, told: Answer, found: tuple[str, ...]) -> Iterator[str]:
    if asked.unread:
        yield "only its caller could read it, so a rule that asks what is in it applies whatever that was"
    if asked.findings is None and told.decision.review is not None:
        yield "rules that wait depend on what is found in the request: say it with --findings" + _and_content(at, asked)
    if asked.from_record and not asked.facts.model:
        yield "the record does not hold the model's name, because the policy of that day did not know it"
    if asked.from_record and not asked.consent_is_known and _consent_matters(at, asked, told):
        yield "the record does not say whether a consent was given, because no purpose needed one"
    if not told.lets_through and not found:
        yield "no change of the request alone would be enough: the policy would have to say otherwise"


def _and_content(at: Opened, asked: Asked) -> str:
    standing = at.compiled.standing(asked.principal)
    return ", and what it is about with --content" if standing and standing.conditions.judged else ""


def _consent_matters(at: Opened, asked: Asked, told: Answer) -> bool:
    return _told(at, replace(asked, facts=replace(asked.facts, consent="given"))) != told


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"  {title}"
        yield from (f"    - {item}" for item in items)
