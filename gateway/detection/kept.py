"""The entity types that policy lets out or blocks, as a value: equal where it says the same, so findings are kept by it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from enum import IntEnum

from gateway.obligations import EntityRules, OperatorKind


class Standing(IntEnum):
    """Which type comes first where two overlap: a blocked one is never hidden, a kept one hides nothing."""

    BLOCKED = 0
    TREATED = 1
    KEPT = 2


@dataclass(frozen=True, slots=True)
class Types(Container[str]):
    """The types in `named`, or all but those; a type that nobody named may still be found."""

    named: frozenset[str] = frozenset()
    all_but: bool = False

    def __contains__(self, entity: object) -> bool:
        return (entity in self.named) is not self.all_but

    @classmethod
    def under(cls, rules: EntityRules, kind: OperatorKind) -> Types:
        """The types that `rules` give this operator."""
        all_but = rules.default is kind
        return cls(frozenset(e for e, op in rules.by_entity.items() if (op is kind) is not all_but), all_but)


@dataclass(frozen=True, slots=True)
class Kept(Types):
    """The types that policy lets out, and beside them those that it `blocked`."""

    blocked: Types = Types()

    @classmethod
    def by(cls, rules: EntityRules) -> Kept:
        """What `rules` keep and block."""
        kept = Types.under(rules, OperatorKind.KEEP)
        return cls(kept.named, kept.all_but, Types.under(rules, OperatorKind.BLOCK))


def standing(entity: str, kept: Container[str]) -> Standing:
    """Where a type stands; a plain container of kept types blocks none."""
    if isinstance(kept, Kept) and entity in kept.blocked:
        return Standing.BLOCKED
    return Standing.KEPT if entity in kept else Standing.TREATED
