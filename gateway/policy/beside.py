"""What rules say of calls that ask no model: files, vector stores and searching them. Pure.

Their conditions are asked as for a model's exchange, with `request.model` empty. What such a call is about nobody judges: where
a rule asks for that, it counts as being about it, so that the rule holds rather than is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.errors import PolicyDenied
from gateway.exchange import Principal
from gateway.policy.conditions import Applied
from gateway.policy.decide import purpose_of
from gateway.policy.standing import Standing
from gateway.policy.terms import PlacedRule, Terms, with_rules
from gateway.protocol.facts import Facts


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that no rule denies, and the terms under which it is done."""

    who: Principal
    standing: Standing = field(repr=False)
    facts: Facts
    rules: tuple[PlacedRule, ...]
    terms: Terms = field(repr=False)

    @property
    def waits(self) -> bool:
        """Whether rules want to know what is found in its texts."""
        return self.standing.conditions.waits

    def found(self, findings: Mapping[str, int]) -> Admitted:
        """The same call in view of how often each type was found. Raises PolicyDenied."""
        own = self.standing.conditions
        about, total = dict.fromkeys(own.judged, 1.0), self.standing.protected(findings)
        return _under(self, own.of_findings(self.who, self.facts, findings, total, about))


def admit(who: Principal, standing: Standing, facts: Facts) -> Admitted:
    """Raises PolicyDenied."""
    facts = replace(facts, purpose=purpose_of(standing, facts))
    call = Admitted(who, standing, facts, (), standing.terms)
    return _under(call, standing.conditions.of_request(who, facts))


def _under(call: Admitted, applied: Applied) -> Admitted:
    for one in applied.failed:
        raise PolicyDenied(f"Denied by {one.id}: the condition of this rule could not be evaluated.")
    for one in applied.rules:
        if one.rule.deny is not None:
            raise PolicyDenied(f"Denied by {one.id}: {one.rule.deny.removesuffix('.')}.")
    return replace(call, rules=(*call.rules, *applied.rules), terms=with_rules(call.terms, applied.rules))
