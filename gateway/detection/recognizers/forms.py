"""What a pattern recognizer is given: compiled forms, where they can begin, and what may not stand before them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol


class Place(Protocol):
    """A match of `re` or of RE2."""

    def start(self) -> int: ...


class Starts(Protocol):
    """A compiled expression of `re` or RE2 that finds where matches can begin.

    One hit may hide no other place to begin: it has one character, or a match cannot begin beside what it consists of.
    """

    def finditer(self, text: str, pos: int = 0, endpos: int = sys.maxsize, /) -> Iterator[Place]: ...


@dataclass(frozen=True, slots=True)
class Form:
    """One compiled pattern, and the numbers of the groups where the value begins and ends."""

    regex: re.Pattern[str] = field(repr=False)
    score: float
    first: int = 0
    last: int = 0

    @classmethod
    def compiled(cls, pattern: str, score: float, flags: int = 0) -> Form:
        """The empty groups `start` and `end`, where the pattern has them, mark the value in what it matches."""
        regex = re.compile(pattern, flags)
        return cls(regex, score, regex.groupindex.get("start", 0), regex.groupindex.get("end", 0))

    def matches(self, text: str, places: Iterable[int] | None) -> Iterator[re.Match[str]]:
        """All matches, or only those that begin at `places` (in order), as if nothing else could begin one."""
        if places is None:
            yield from self.regex.finditer(text)
            return
        done = 0
        for place in places:
            match = self.regex.match(text, place) if place >= done else None
            if match is not None:
                done = match.end()
                yield match


@dataclass(frozen=True, slots=True)
class NotAfter:
    """What may not stand right before a value: an expression that ends in `\\Z`, over `reach` code points."""

    regex: re.Pattern[str]
    reach: int

    def forbids(self, text: str, start: int) -> bool:
        return self.regex.search(text[max(0, start - self.reach) : start]) is not None
