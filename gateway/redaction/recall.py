"""Placeholders that a reply may name although its request did not hold them: an earlier turn did, or a document.

They are asked for when a reply names them, each at most once. What the client typed itself stands for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field

from gateway.redaction.placeholders import Key

Fetch = Callable[[Collection[Key]], Awaitable[Mapping[Key, str]]]


@dataclass(frozen=True)
class Recall:
    """`highest` is the highest number of each type that there is; `literals` are placeholders that the client typed. `fetch`
    raises ProtectionUnavailable. What it gave is in `known`, and what it did not give is not asked for again.
    """

    highest: Mapping[str, int]
    literals: frozenset[Key] = field(repr=False)
    fetch: Fetch = field(repr=False)
    known: dict[Key, str] = field(default_factory=dict, repr=False)
    _asked: set[Key] = field(default_factory=set, repr=False)

    def lacks(self, key: Key) -> bool:
        """Whether this placeholder may stand for something that nobody has asked for yet."""
        return 0 < key[1] <= self.highest.get(key[0], 0) and key not in self.literals and key not in self._asked

    async def learn(self, keys: Collection[Key]) -> None:
        """Have these at hand in `known`, where they stand for something. Raises ProtectionUnavailable."""
        new = {key for key in keys if self.lacks(key)}
        if new:
            self.known.update(await self.fetch(new))
            self._asked.update(new)

    @property
    def names(self) -> re.Pattern[str]:
        """A placeholder without brackets and separators, in upper case, as far as it is written: `PERSON`, `PERSON12`."""
        entities = "|".join(re.escape(entity.replace("_", "").upper()) for entity in sorted(self.highest))
        return re.compile(f"(?:{entities})[0-9]{{0,9}}")
