"""The faults of a file, as many as a person reads."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.policy.reading.problems import Problem, key_of
from gateway.policy.reading.yaml_source import Source

MAX_PROBLEMS = 100


class Problems:
    """Keeps the first faults and counts the rest, so that a broken file of many MB does not grow into as many messages."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._kept: list[Problem] = []
        self._next: int | None = None
        self._more = 0

    def add(self, index: int, message: str, fix: str, way: Sequence[str | int] = ()) -> None:
        if len(self._kept) < MAX_PROBLEMS:
            self._kept.append(self._source.problem(index, message, fix, key_of(way)))
            return
        self._next = index if self._next is None else self._next
        self._more += 1

    def told(self) -> tuple[Problem, ...]:
        """The faults in the order they were found; where there are too many, the last one says how many more there are."""
        if self._next is None:
            return tuple(self._kept)
        rest = self._source.problem(self._next, f"and {self._more:,} more", "mend those above first, then check again")
        return (*self._kept, rest)
