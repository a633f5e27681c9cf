"""What is wrong with a policy file, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

_SHOWN = 60
_SHORT = 5
_MOST_PROBLEMS = 100
_MOST_NAMES = 20
_MOST_COMPARED = 1_000
"""Names among which the nearest is looked for: comparing takes a millisecond for a hundred."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in one file; `line` and `column` count from 1. `key` is the way to it through the file, such as
    `tenants.bank.models[0]`; empty where the file could not be read so far."""

    file: str
    line: int
    column: int
    message: str
    fix: str
    key: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: " + (f"{self.key}: " if self.key else "")
        return f"{where}{self.message}; fix: {self.fix}"


class PolicyError(Exception):
    """A policy that cannot be used. Raised at start and at reload, never inside a request.

    `problems` are at most a hundred of the `total`, and one that says how many more there are.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        told = sorted(set(problems))
        self.total = len(told)
        self.problems = _first(told)
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def summary(self) -> str:
        """The first few problems on one line, for readiness answers and log lines."""
        shown = " | ".join(map(str, self.problems[:_SHORT]))
        rest = self.total - _SHORT
        return f"{shown} | and {rest} more" if rest > 0 else shown


def quoted(text: str) -> str:
    """A name from the file, on one line of a terminal: cut to length, without control characters."""
    return f"'{_shown(text)}'"


def key_of(path: Sequence[str | int]) -> str:
    """A way through a file in words. It ends at `api_key`: what stands below may be the key itself, in the wrong place."""
    steps = path[: path.index("api_key") + 1] if "api_key" in path else path
    return "".join(f"[{step}]" if isinstance(step, int) else f".{_shown(step)}" for step in steps).removeprefix(".")


def one_of(options: Iterable[str], written: str = "") -> str:
    """The fix for a name that is not known: the ones that are, and the nearest."""
    names = list(options)
    if not names:
        return "nothing is defined there yet: define it first"
    if len(names) == 1:
        return f"write {names[0]}"
    near = nearest(names, written)
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    listed = ", ".join(names[:_MOST_NAMES])
    return f"use one of {listed}{more}" + (f"; did you mean '{near}'?" if near else "")


def nearest(names: Sequence[str], written: str) -> str | None:
    """The name that was most likely meant: the most alike, or else the shortest that has the written one as its parts."""
    by_folded = {name.casefold(): name for name in names[:_MOST_COMPARED]}
    folded = written.casefold()
    alike: Sequence[str] = get_close_matches(folded, by_folded, n=1)
    if not alike and folded:
        alike = sorted((name for name in by_folded if f"_{folded}_" in f"_{name}_"), key=len)
    return by_folded[alike[0]] if alike else None


def _shown(text: str) -> str:
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:_SHOWN])
    return shown if len(text) <= _SHOWN else f"{shown}..."


def _first(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= _MOST_PROBLEMS + 1:
        return tuple(problems)
    kept, rest = problems[:_MOST_PROBLEMS], problems[_MOST_PROBLEMS]
    more = replace(
        rest, message=f"and {len(problems) - _MOST_PROBLEMS:,} more", fix="mend those above first, then check again", key=""
    )
    return (*kept, more)
