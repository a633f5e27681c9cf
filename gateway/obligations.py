"""What policy demands of an exchange that it allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from gateway.detection_rules import DetectionRules
from gateway.protocol.wire import ContentKind


class DeploymentRef(Protocol):
    """A deployment as policy knows it, by value: an exchange that one policy allowed never goes where another one points.

    Hashable; equal ones are the same place.
    """

    @property
    def id(self) -> str: ...

    def __hash__(self) -> int: ...


class OperatorKind(StrEnum):
    """What is done to a finding. `placeholder` and `surrogate` are reversible, the others are not."""

    PLACEHOLDER = "placeholder"
    SURROGATE = "surrogate"
    MASK = "mask"
    HASH = "hash"
    DROP = "drop"
    BLOCK = "block"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class EntityRules:
    """An operator for each entity type, and one for every type that is not named."""

    default: OperatorKind
    by_entity: Mapping[str, OperatorKind] = field(default_factory=dict)

    def operator(self, entity: str) -> OperatorKind:
        return self.by_entity.get(entity, self.default)

    @property
    def keeps_everything(self) -> bool:
        return self.default is OperatorKind.KEEP and all(op is OperatorKind.KEEP for op in self.by_entity.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    """What must be done with an exchange that policy allows."""

    request: EntityRules
    reply: EntityRules
    restore: bool
    detection: DetectionRules = DetectionRules()
    uninspected: frozenset[ContentKind] = frozenset()
    record_content: bool = False
    deployments: tuple[DeploymentRef, ...] = ()
