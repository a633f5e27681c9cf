"""All that a policy says of one exchange: its decision, its second look at findings, and the findings that it blocks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.exchange import Decision, Principal
from gateway.obligations import Obligations, OperatorKind
from gateway.policy.compile import CompiledPolicy
from gateway.policy.decide import decide
from gateway.policy.unread import decide_unread
from gateway.protocol.facts import Facts
from gateway.sensitivity.labels import LABELS, Label


@dataclass(frozen=True, slots=True)
class Answer:
    """`blocked` are the types for which an exchange is refused although its decision is to allow it."""

    decision: Decision
    blocked: tuple[str, ...] = ()

    @property
    def lets_through(self) -> bool:
        return self.decision.allow and not self.blocked


def answer(
    policy: CompiledPolicy,
    principal: Principal,
    facts: Facts,
    findings: Mapping[str, int] | None,
    content: Mapping[str, float] | None = None,
    *,
    unread: bool = False,
) -> Answer:
    """What policy says when these findings are known, by type, and what the content scores, by label; with None, before anybody
    looked. `unread`: only its caller can read the exchange, and nobody ever looks.
    """
    if unread:
        return Answer(decide_unread(policy, principal, facts))
    decision = decide(policy, principal, facts)
    if findings is None:
        return Answer(decision)
    decision = reviewed(decision, findings, content)
    return Answer(decision, blocked(decision.obligations, findings))


def reviewed(decision: Decision, findings: Mapping[str, int], content: Mapping[str, float] | None = None) -> Decision:
    """The decision in view of findings, and of what the content is about."""
    return decision if decision.review is None else decision.review(findings, content)


def scored(said: Mapping[Label, float]) -> Mapping[str, float]:
    """A score for every label: 0 of those that are not named."""
    return {label.value: said.get(label, 0.0) for label in LABELS}


def blocked(obligations: Obligations | None, findings: Mapping[str, int]) -> tuple[str, ...]:
    """The types that are blocked and were found."""
    if obligations is None:
        return ()
    found = (entity for entity, count in findings.items() if count)
    return tuple(sorted(entity for entity in found if obligations.request.operator(entity) is OperatorKind.BLOCK))
