"""Which operator protects more, and what two levels that both have a say come to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gateway.obligations import EntityRules, OperatorKind
from gateway.policy.language.words import DEFAULT

STRENGTH: Mapping[OperatorKind, int] = MappingProxyType(
    {
        OperatorKind.KEEP: 0,
        OperatorKind.PLACEHOLDER: 1,
        OperatorKind.SURROGATE: 1,
        OperatorKind.MASK: 2,
        OperatorKind.HASH: 2,
        OperatorKind.DROP: 3,
        OperatorKind.BLOCK: 4,
    }
)
"""Kept, pseudonymised so that it comes back, so that it does not, gone, refused."""


@dataclass(frozen=True, slots=True)
class Operators:
    """What one level says of entity types; `default` is None where it says nothing of those that it does not name."""

    default: OperatorKind | None = None
    named: Mapping[str, OperatorKind] = field(default_factory=dict)

    @classmethod
    def written(cls, entities: Mapping[str, OperatorKind]) -> Operators:
        """From a mapping of the policy file, where `default` stands beside the types."""
        named = {entity: OperatorKind(operator) for entity, operator in entities.items() if entity != DEFAULT}
        default = entities.get(DEFAULT)
        return cls(None if default is None else OperatorKind(default), MappingProxyType(named))

    def of(self, entity: str) -> OperatorKind | None:
        return self.named.get(entity, self.default)

    def within(self, outer: Operators) -> Operators:
        """The stronger of the two for each type. Of two that are equally strong the named one holds, then this one."""
        if not self.named and self.default is None:
            return outer
        default = _stronger(outer.default, self.default)
        named = {
            entity: _stronger(outer.of(entity), self.of(entity), named=entity in self.named or entity not in outer.named)
            for entity in (*outer.named, *(entity for entity in self.named if entity not in outer.named))
        }
        return Operators(default, MappingProxyType({entity: one for entity, one in named.items() if one is not None}))

    def closed(self, default: OperatorKind) -> Operators:
        """With an operator for every type."""
        return self if self.default is not None else Operators(default, self.named)

    def weaker(self, outer: Operators) -> Mapping[str, OperatorKind]:
        """What this level says that would protect less than `outer` does, and the operator that holds instead."""
        found: dict[str, OperatorKind] = {}
        for entity, operator in self.named.items():
            held = outer.of(entity)
            if held is not None and STRENGTH[operator] < STRENGTH[held]:
                found[entity] = held
        if self.default is not None and outer.default is not None and STRENGTH[self.default] < STRENGTH[outer.default]:
            found[DEFAULT] = outer.default
        return found

    @property
    def rules(self) -> EntityRules:
        """As the exchange carries them. Raises LookupError unless they are closed."""
        if self.default is None:
            raise LookupError("no operator for types that are not named")
        return EntityRules(self.default, self.named)


def _stronger(outer: OperatorKind | None, inner: OperatorKind | None, *, named: bool = True) -> OperatorKind | None:
    """`named`: of two equally strong ones the inner holds."""
    if outer is None or inner is None:
        return inner if outer is None else outer
    if STRENGTH[outer] == STRENGTH[inner]:
        return inner if named else outer
    return max(outer, inner, key=STRENGTH.__getitem__)
