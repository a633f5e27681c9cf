"""What is wrong with a policy file, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

_SHOWN = 60
_SHORT = 5


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in one file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}; fix: {self.fix}"


class PolicyError(Exception):
    """A policy that cannot be used. Raised at start and at reload, never inside a request."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def summary(self) -> str:
        """The first few problems on one line, for readiness answers and log lines."""
        shown = " | ".join(map(str, self.problems[:_SHORT]))
        rest = len(self.problems) - _SHORT
        return f"{shown} | and {rest} more" if rest > 0 else shown


def quoted(text: str) -> str:
    """A name from the file, cut to a length that fits on a line."""
    return f"'{text}'" if len(text) <= _SHOWN else f"'{text[:_SHOWN]}...'"


def one_of(options: Iterable[str], written: str = "") -> str:
    """The fix for a name that is not known: the ones that are, and the nearest."""
    names = list(options)
    if not names:
        return "nothing is defined there yet: define it first"
    if len(names) == 1:
        return f"write {names[0]}"
    by_folded = {name.casefold(): name for name in names}
    near = get_close_matches(written.casefold(), by_folded, n=1)
    return f"use one of {', '.join(names)}" + (f"; did you mean '{by_folded[near[0]]}'?" if near else "")
