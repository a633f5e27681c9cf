"""What a drawer holds of the values that are asked for, and which placeholder each of them gets. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.errors import ProtectionUnavailable
from gateway.redaction.placeholders import Key

Typed = Callable[[Collection[str]], frozenset[Key]]
"""Which placeholders of these types the client typed itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value that needs a placeholder; `subject` is the tag by which a person is found."""

    entity: str
    value: str = field(repr=False)
    tag: bytes = field(repr=False)
    subject: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One placeholder in a drawer. `expires_at` is ISO 8601 in UTC."""

    placeholder: Key
    tag: bytes = field(repr=False)
    nth: int
    expires_at: str


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in a drawer: the entries of some values, and the highest number that was given out for each type."""

    entries: Mapping[bytes, Sequence[Entry]] = field(repr=False)
    highest: Mapping[str, int]

    def entry(self, wanted: Wanted, literals: frozenset[Key]) -> Entry | None:
        """The value's first placeholder that nobody typed."""
        return next((entry for entry in self.entries.get(wanted.tag, ()) if entry.placeholder not in literals), None)

    def missing(self, wanted: Sequence[Wanted], literals: frozenset[Key]) -> list[tuple[Wanted, int]]:
        """The values that have none, with the `nth` of the one that each of them needs."""
        return [(one, self._next(one)) for one in wanted if self.entry(one, literals) is None]

    def wanting(self, wanted: Sequence[Wanted], literals: frozenset[Key], half: str) -> list[Wanted]:
        """The values that have none, or one that was last used so long ago that its time has to be set anew."""
        entries = ((one, self.entry(one, literals)) for one in wanted)
        return [one for one, entry in entries if entry is None or entry.expires_at < half]

    def updated(self, newer: Found) -> Found:
        """With what was read later of some of these values."""
        return Found({**self.entries, **newer.entries}, newer.highest)

    def _next(self, wanted: Wanted) -> int:
        return max((entry.nth for entry in self.entries.get(wanted.tag, ())), default=-1) + 1


@dataclass(frozen=True, slots=True)
class Placed:
    """The placeholders of an exchange. `literals` are those that its client typed: they stand for nothing in it."""

    keys: Mapping[str, Key] = field(repr=False)
    highest: Mapping[str, int]
    literals: frozenset[Key] = field(repr=False)


def placed(found: Found, wanted: Sequence[Wanted], literals: frozenset[Key]) -> Placed:
    """Raises KeyError while a value has no placeholder, and ProtectionUnavailable where two have one: between two portions of a
    long list the tenant was erased, and numbers began anew.
    """
    keys = {}
    for one in wanted:
        entry = found.entry(one, literals)
        if entry is None:
            raise KeyError("a value has no placeholder")
        keys[one.value] = entry.placeholder
    if len({*keys.values()}) < len(keys):
        raise ProtectionUnavailable("What the vault held was erased meanwhile.")
    return Placed(keys, found.highest, literals)
