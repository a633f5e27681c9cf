"""What is done to a finding: Presidio operators, ours beside its own, so that a user's own operator fits in as well.

Reversible operators (placeholder, surrogate) keep what they replaced in the exchange's `Pseudonyms`; the others keep nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from presidio_anonymizer.operators import Keep, Mask, Operator, OperatorType, Redact

from gateway.obligations import OperatorKind
from gateway.redaction.placeholders import Key, PlaceholderMint, spelled
from gateway.redaction.recall import Recall
from gateway.redaction.restore import Restorer
from gateway.redaction.surrogates import SurrogateMaker
from gateway.redaction.taken import Taken

STRICTEST_FIRST = (
    OperatorKind.BLOCK,
    OperatorKind.DROP,
    OperatorKind.MASK,
    OperatorKind.HASH,
    OperatorKind.PLACEHOLDER,
    OperatorKind.SURROGATE,
    OperatorKind.KEEP,
)
"""Which operator wins where a value was found as two entity types: the one that lets out least."""

REVERSIBLE = frozenset({OperatorKind.PLACEHOLDER, OperatorKind.SURROGATE})


@dataclass(frozen=True)
class Pseudonyms:
    """The reversible replacements of one exchange."""

    placeholders: PlaceholderMint
    surrogates: dict[str, str] = field(default_factory=dict, repr=False)
    identifiers: dict[str, str] = field(default_factory=dict, repr=False)
    """Both by value: surrogates, and names of tools and the like that hold something reversible."""
    recall: Recall | None = field(default=None, repr=False)
    """Where placeholders of earlier exchanges may stand in the reply."""

    def apart(self, literals: frozenset[Key]) -> Pseudonyms:
        """A copy that goes on from here by itself: what it adds is put back into no reply."""
        return Pseudonyms(self.placeholders.apart(literals), dict(self.surrogates), dict(self.identifiers), self.recall)

    @property
    def originals(self) -> Mapping[str, str]:
        """Values by what stands in for them."""
        recalled = self.recall.known if self.recall is not None else {}
        placed = {spelled(key): value for key, value in {**recalled, **self.placeholders.minted}.items()}
        return placed | {surrogate: value for value, surrogate in self.surrogates.items()}

    def restorer(self) -> Restorer:
        stand_ins = [*self.surrogates.items(), *self.identifiers.items()]
        return Restorer(self.placeholders.minted, {stand_in: value for value, stand_in in stand_ins}, self.recall)


class Placeholder(Operator):
    """`<PERSON_1>`: reversible inside this exchange."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        given = params or {}
        pseudonyms: Pseudonyms = given["pseudonyms"]
        return pseudonyms.placeholders.mint(given["entity"], text)

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Nothing a user could set."""

    def operator_name(self) -> str:
        return OperatorKind.PLACEHOLDER.value

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize


class Surrogate(Placeholder):
    """A realistic, made-up value of the same type: the same for the same value in a tenant, and restorable."""

    def __init__(self) -> None:
        self._maker = SurrogateMaker()

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        given = params or {}
        surrogates: dict[str, str] = given["pseudonyms"].surrogates
        surrogate = surrogates.get(text) or self._made(given["entity"], text, given["key"], given["taken"])
        if surrogate is None:
            return super().operate(text, params)
        surrogates[text] = surrogate
        return surrogate

    def _made(self, entity: str, value: str, key: bytes, taken: Taken) -> str | None:
        if entity in taken.spent:
            return None
        surrogate = self._maker.surrogate(entity, value, key=key, taken=taken)
        if surrogate is None:
            taken.spent.add(entity)
        else:
            taken.add(surrogate)
        return surrogate

    def operator_name(self) -> str:
        return OperatorKind.SURROGATE.value


class KeyedHash(Placeholder):
    """`<PERSON#5f1c…>`: HMAC-SHA256 under the tenant's key, equal for equal values, not reversible (no plain hash: values
    such as phone numbers could be found by trying)."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        given = params or {}
        digest = hmac.new(given["key"], f"{given['entity']}\0{text}".encode(), hashlib.sha256).hexdigest()
        return f"<{given['entity']}#{digest[:16]}>"

    def operator_name(self) -> str:
        return OperatorKind.HASH.value


class WholeMask(Mask):
    """Presidio's mask over the whole value, whatever its length."""

    def operate(self, text: str = "", params: dict[str, Any] | None = None) -> str:  # noqa: ARG002 - Presidio's signature
        masked: str = super().operate(text, {"masking_char": "*", "chars_to_mask": len(text), "from_end": False})
        return masked


def operators() -> Mapping[OperatorKind, Operator]:
    """Every operator but `block`, which refuses the request instead of changing it."""
    return {
        OperatorKind.PLACEHOLDER: Placeholder(),
        OperatorKind.SURROGATE: Surrogate(),
        OperatorKind.HASH: KeyedHash(),
        OperatorKind.MASK: WholeMask(),
        OperatorKind.DROP: Redact(),
        OperatorKind.KEEP: Keep(),
    }
