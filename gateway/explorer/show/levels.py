"""Which level of the policy, or which rule, asked for what was done to a finding. Told only while that policy is in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from gateway.audit.event import ExchangeRecord
from gateway.exchange import Principal
from gateway.obligations import OperatorKind
from gateway.policy.compile import CompiledPolicy
from gateway.policy.levels import Level, chain, homes
from gateway.policy.strength import Operators
from gateway.policy.terms import Terms, with_rules

UNSAID = ""
"""Nobody said anything: the language's own default."""
_Step: TypeAlias = tuple[str, Terms]


class Sources:
    """`known` is False where another version is in force than the one that decided, or the caller has no place in it."""

    def __init__(self, policy: CompiledPolicy, record: ExchangeRecord) -> None:
        decided = record.decision is not None and record.decision.policy_version == policy.version
        levels = _levels(policy, record) if decided else None
        self.known = levels is not None
        self._steps = list(_steps(levels, record.decision.rules)) if levels and record.decision else []

    def of(self, entity: str, operator: OperatorKind) -> str | None:
        """The path of the level or rule that last changed what is done to this type; None where it cannot be told.

        What is kept may be redacted by stricter rules than what was sent.
        """
        for way in ("request", "record"):
            said = [(name, _operators(terms, way).of(entity)) for name, terms in self._steps]
            if said and said[-1][1] is operator:
                return next(name for number, (name, one) in _backwards(said) if number == 0 or said[number - 1][1] is not one)
        return None


def _operators(terms: Terms, way: str) -> Operators:
    return terms.request if way == "request" else terms.record.within(terms.request)


def _backwards(said: Sequence[tuple[str, OperatorKind | None]]) -> Iterator[tuple[int, tuple[str, OperatorKind | None]]]:
    return ((number, said[number]) for number in range(len(said) - 1, -1, -1))


def _levels(policy: CompiledPolicy, record: ExchangeRecord) -> tuple[Level, ...] | None:
    placed = policy.place(Principal(tenant=record.tenant or "", id=record.principal or "", team=record.team))
    if placed is None:
        return None
    listed = (placed.team, placed.id) in set(homes(policy.written, placed.tenant))
    return chain(policy.written, placed.tenant, placed.team, placed.id if listed else None)


def _steps(levels: Sequence[Level], applied: Sequence[str]) -> Iterator[_Step]:
    """What holds after each level, widest first, and after each rule that applied."""
    terms = Terms()
    for number, level in enumerate(levels):
        terms = terms.narrowed(level.terms)
        yield level.name, terms
        if number == 1:
            terms = terms.closed()
            yield UNSAID, terms
    for rule in terms.rules:
        if rule.id in applied:
            terms = with_rules(terms, (rule,))
            yield rule.id, terms
