"""What policy says about a tenant's documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum

import orjson

from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.policy.standing import Standing
from gateway.policy.terms import Terms
from gateway.rules.detection import DetectionRules

_NO_LIMIT = 1 << 62
"""Documents are read by the piece; the limit on a request's text is not for them."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What becomes of personal data in documents, and how it is found. What is a surrogate elsewhere is a placeholder here, as
    in all that is kept: see `gateway.policy.standing`.
    """

    entities: EntityRules
    detection: DetectionRules

    @classmethod
    def of(cls, standing: Standing) -> Rules:
        """Of a tenant (`CompiledPolicy.of_tenant`): those of requests, or stricter ones."""
        return cls.under(standing.terms, standing.detection)

    @classmethod
    def seeking_all(cls, tenant: str) -> Rules:
        """For texts that are only looked through, of a tenant that policy does not name."""
        return cls(EntityRules(OperatorKind.PLACEHOLDER), DetectionRules(tenant=tenant, max_characters=_NO_LIMIT))

    @classmethod
    def under(cls, terms: Terms, detection: DetectionRules) -> Rules:
        return cls.placed(terms.knowledge.within(terms.request).rules, detection)

    @classmethod
    def placed(cls, rules: EntityRules, detection: DetectionRules) -> Rules:
        placed = {entity: _placed(operator) for entity, operator in rules.by_entity.items()}
        return cls(EntityRules(_placed(rules.default), placed), replace(detection, max_characters=_NO_LIMIT))

    @property
    def obligations(self) -> Obligations:
        keeping = EntityRules(OperatorKind.KEEP)
        return Obligations(request=self.entities, reply=keeping, restore=False, detection=self.detection)

    def canonical(self) -> bytes:
        """The same bytes for the same rules, in every process. They may hold values, such as an allow list: to be hashed."""
        return orjson.dumps(list(_canonical(self)))


def keeps_any(rules: EntityRules) -> bool:
    """Whether values of some type stay as they are."""
    return OperatorKind.KEEP in (rules.default, *rules.by_entity.values())


def _placed(operator: OperatorKind) -> OperatorKind:
    return OperatorKind.PLACEHOLDER if operator is OperatorKind.SURROGATE else operator


def _canonical(value: object) -> Iterator[object]:
    if is_dataclass(value) and not isinstance(value, type):
        yield type(value).__name__
        for field in fields(value):
            yield [field.name, *_canonical(getattr(value, field.name))]
    elif isinstance(value, dict):
        yield sorted([str(key), str(one)] for key, one in value.items())
    elif isinstance(value, frozenset):
        yield sorted(map(str, value))
    elif isinstance(value, tuple):
        yield [list(_canonical(one)) for one in value]
    else:
        yield str(value.value if isinstance(value, Enum) else value)
