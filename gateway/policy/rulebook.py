"""The conditional rules of a policy, compiled level by level when somebody under that level first comes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.policy.conditions import Conditions
from gateway.policy.language.condition import TOTAL, Language, sought_in
from gateway.policy.levels import Level
from gateway.policy.terms import PlacedRule, rules_of


class Rulebook:
    """Safe to use from several threads: at worst, two of them compile the same rules at the same time."""

    def __init__(self, entities: frozenset[str]) -> None:
        """`entities` are the types that every tenant has."""
        self._entities = entities
        self._common = Language.over(entities)
        self._kept: dict[tuple[str, ...], Conditions] = {}

    def under(self, levels: Sequence[Level]) -> Conditions:
        """The rules of these levels, widest first. What is compiled once is kept for others under the same level."""
        outer = Conditions(self._common, ())
        for level in levels:
            outer = self._at(level, outer) if level.scope.rules else outer
        return outer

    def _at(self, level: Level, outer: Conditions) -> Conditions:
        if level.path not in self._kept:
            rules = rules_of(level.scope, level.name)
            self._kept[level.path] = Conditions(self._language(rules), rules, outer)
        return self._kept[level.path]

    def _language(self, rules: Iterable[PlacedRule]) -> Language:
        """Types of a tenant's own are declared only where they are counted: a language of all types takes 100 KB."""
        sought = frozenset[str]().union(*(sought_in(one.rule.when) for one in rules)) - {TOTAL}
        return self._common if sought <= self._entities else Language.over(sought)
