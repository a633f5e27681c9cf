"""Which documents ground answers at a level of the policy, and how an inner level narrows that. Pure.

Lists get shorter and numbers smaller further in; what a level demands (that answers are always grounded, that nothing is said
beside the documents) no inner level takes back.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.obligations import GroundingTerms
from gateway.policy.language.grounding import ALL, Knowledge
from gateway.policy.language.grounding import Grounding as Written

_USUAL = GroundingTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding:
    """None, in any field, says nothing: what is further out holds."""

    collections: frozenset[str] | None = None
    labels: frozenset[str] | None = None
    passages: int | None = None
    tokens: int | None = None
    always: bool | None = None
    says_so: bool | None = None

    @classmethod
    def written(cls, said: Written) -> Grounding:
        labels = said.labels if isinstance(said, Knowledge) else None
        return cls(
            collections=None if said.collections is None else frozenset(said.collections),
            labels=None if labels is None else frozenset(labels),
            passages=said.passages,
            tokens=said.tokens,
            always=None if said.when is None else said.when == "always",
            says_so=None if said.otherwise is None else said.otherwise == "say_so",
        )

    def narrowed(self, inner: Grounding) -> Grounding:
        return Grounding(
            collections=_common(self.collections, inner.collections),
            labels=_common(self.labels, inner.labels),
            passages=_fewer(self.passages, inner.passages),
            tokens=_fewer(self.tokens, inner.tokens),
            always=_either(self.always, inner.always),
            says_so=_either(self.says_so, inner.says_so),
        )

    def closed(self) -> Grounding:
        """Nothing is left unsaid: documents that nobody named ground nothing, and labels that nobody named nobody has."""
        return Grounding(
            collections=self.collections or frozenset(),
            labels=self.labels or frozenset(),
            passages=self.passages or _USUAL.passages,
            tokens=self.tokens or _USUAL.tokens,
            always=bool(self.always),
            says_so=bool(self.says_so),
        )

    def terms(self) -> GroundingTerms | None:
        """What must be done; None where no documents are granted."""
        own = self.closed()
        if not own.collections:
            return None
        return GroundingTerms(
            collections=None if ALL in own.collections else own.collections,
            labels=own.labels or frozenset(),
            passages=own.passages or _USUAL.passages,
            tokens=own.tokens or _USUAL.tokens,
            always=own.always is True,
            says_so=own.says_so is True,
        )


def _common(outer: frozenset[str] | None, inner: frozenset[str] | None) -> frozenset[str] | None:
    """What both have; who has all has whatever the other names."""
    if outer is None or inner is None:
        return inner if outer is None else outer
    if ALL in outer:
        return inner
    return outer if ALL in inner else outer & inner


def _fewer(outer: int | None, inner: int | None) -> int | None:
    if outer is None or inner is None:
        return inner if outer is None else outer
    return min(outer, inner)


def _either(outer: bool | None, inner: bool | None) -> bool | None:
    if outer is None or inner is None:
        return inner if outer is None else outer
    return outer or inner
