"""Two rules that may both apply and name different operators of one strength: neither is the stricter, so which one holds
would depend on their order. Rules have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gateway.obligations import OperatorKind
from gateway.policy.language.scope import Demands
from gateway.policy.levels import Level
from gateway.policy.reading.faults import Fault
from gateway.policy.reading.yaml_tree import TreePath
from gateway.policy.strength import STRENGTH


@dataclass(frozen=True, slots=True)
class Demand:
    """An operator, the place of the rule that demands it, and where in the rule."""

    operator: OperatorKind
    rule: TreePath
    inside: TreePath

    @property
    def rule_id(self) -> str:
        return ".".join(map(str, self.rule))


Demanded: TypeAlias = Mapping[tuple[TreePath, int], Demand]
"""By direction with entity type, and by strength."""


def check_contradictions(level: Level, around: Demanded) -> Iterator[Fault]:
    """`around` is what the levels around this one demand."""
    seen = dict(around)
    for key, demand in _demands(level):
        other = seen.setdefault(key, demand)
        if other.operator is not demand.operator:
            told = f"{demand.operator} for {demand.inside[-1]} contradicts {other.rule_id}, which demands {other.operator}"
            fix = "demand the same in both, or something stricter in one"
            yield Fault((*demand.rule, "demand", *demand.inside), f"{told}: neither is stricter", fix)


def demanded(level: Level) -> Demanded:
    """What the rules of one level demand."""
    return dict(_demands(level))


def _demands(level: Level) -> Iterator[tuple[tuple[TreePath, int], Demand]]:
    for name, rule in sorted(level.scope.rules.items()):
        for place, operator in _operators(rule.demand) if rule.demand is not None else ():
            yield (place, STRENGTH[operator]), Demand(operator, (*level.path, "rules", name), place)


def _operators(demand: Demands) -> Iterator[tuple[TreePath, OperatorKind]]:
    said: Mapping[TreePath, Mapping[str, OperatorKind]] = {
        ("entities",): demand.entities,
        ("reply", "entities"): demand.reply.entities,
        ("record", "entities"): demand.record.entities,
        ("knowledge", "entities"): demand.knowledge.entities,
    }
    for place, entities in said.items():
        yield from (((*place, entity), OperatorKind(operator)) for entity, operator in entities.items())
