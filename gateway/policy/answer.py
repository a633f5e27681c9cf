"""All that a policy says of one exchange: its decision, its second look at findings, and the findings that it blocks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.exchange import Decision, Principal
from gateway.obligations import Obligations, OperatorKind
from gateway.policy.compile import CompiledPolicy
from gateway.policy.decide import decide
from gateway.protocol.facts import Facts


@dataclass(frozen=True, slots=True)
class Answer:
    """`blocked` are the types for which an exchange is refused although its decision is to allow it."""

    decision: Decision
    blocked: tuple[str, ...] = ()

    @property
    def lets_through(self) -> bool:
        return self.decision.allow and not self.blocked


def answer(policy: CompiledPolicy, principal: Principal, facts: Facts, findings: Mapping[str, int] | None) -> Answer:
    """What policy says when these findings are known, by type; with None, before anybody looked."""
    decision = decide(policy, principal, facts)
    if findings is None:
        return Answer(decision)
    decision = reviewed(decision, findings)
    return Answer(decision, blocked(decision.obligations, findings))


def reviewed(decision: Decision, findings: Mapping[str, int]) -> Decision:
    """The decision in view of findings."""
    return decision if decision.review is None else decision.review(findings)


def blocked(obligations: Obligations | None, findings: Mapping[str, int]) -> tuple[str, ...]:
    """The types that are blocked and were found."""
    if obligations is None:
        return ()
    found = (entity for entity, count in findings.items() if count)
    return tuple(sorted(entity for entity in found if obligations.request.operator(entity) is OperatorKind.BLOCK))
