"""What a surrogate must not be: anything that stands in the exchange's own texts, or for another value already."""

from __future__ import annotations

from collections.abc import Iterable

_MANY = 256


class Taken:
    """Is asked for each candidate, so it keeps few long strings rather than many short ones.

    `spent` are the entity types for which no free surrogate was found: to try on for each value of a long list takes long.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._recent = [*texts]
        self._settled = ""
        self.spent: set[str] = set()

    def holds(self, candidate: str) -> bool:
        if len(self._recent) > _MANY or not self._settled:
            self._settle()
        return candidate in self._settled or any(candidate in one for one in self._recent)

    def add(self, surrogate: str) -> None:
        self._recent.append(surrogate)

    def _settle(self) -> None:
        self._settled = "\n".join([self._settled, *self._recent])
        self._recent.clear()
