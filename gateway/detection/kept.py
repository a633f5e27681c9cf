"""The entity types that policy lets out, as a value: equal where they say the same, so findings can be remembered by it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from gateway.exchange import EntityRules, OperatorKind


@dataclass(frozen=True, slots=True)
class Kept(Container[str]):
    """The types in `named`, or all but those; a type that nobody named may still be found."""

    named: frozenset[str] = frozenset()
    all_but: bool = False

    def __contains__(self, entity: object) -> bool:
        return (entity in self.named) is not self.all_but

    @classmethod
    def by(cls, rules: EntityRules) -> Kept:
        """What `rules` keep."""
        all_but = rules.default is OperatorKind.KEEP
        return cls(frozenset(e for e, op in rules.by_entity.items() if (op is OperatorKind.KEEP) is not all_but), all_but)
