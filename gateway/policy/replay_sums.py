"""The sums of a replay: what flips, by tenant and by rule, in memory that does not grow with the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.policy.replay import Change, Replayed

_EXAMPLES = 3
_MOST_GROUPS = 10_000


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """Exchanges that change alike. `change` by name, so that groups have an order."""

    tenant: str
    change: Change
    old: str
    new: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """How many exchanges a group has, and the ids of a few."""

    count: int = 0
    calls: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sums:
    """Built up while the log is read. Above ten thousand groups or callers, further ones are only counted."""

    totals: Counter[Change] = field(default_factory=Counter)
    groups: dict[Group, Tally] = field(default_factory=dict)
    unplaced: Counter[str] = field(default_factory=Counter)
    never_asked: int = 0
    not_grouped: int = 0

    def add(self, replayed: Replayed | None) -> None:
        """One exchange; None for one that policy was never asked about."""
        if replayed is None:
            self.never_asked += 1
            return
        self.totals[replayed.change] += 1
        if replayed.unplaced:
            self._count_unplaced(replayed)
        if replayed.change is not Change.SAME:
            self._group(replayed)

    @property
    def flips(self) -> bool:
        """Whether a decision or an obligation changes. What is unknown is counted apart."""
        return bool(self.totals[Change.DECISION] or self.totals[Change.OBLIGATIONS])

    def by_tenant(self) -> Iterator[tuple[str, list[tuple[Group, Tally]]]]:
        """The groups of each tenant, decisions first, the largest first."""
        order = list(Change)
        for tenant in sorted({group.tenant for group in self.groups}):
            own = [(group, tally) for group, tally in self.groups.items() if group.tenant == tenant]
            yield tenant, sorted(own, key=lambda one: (order.index(one[0].change), -one[1].count, one[0]))

    def as_object(self) -> Mapping[str, Any]:
        """For programs."""
        return {
            "exchanges": self.totals.total() + self.never_asked,
            "totals": {change.value: self.totals[change] for change in Change} | {"never_asked": self.never_asked},
            "flips": [_object(group, tally) for _, own in self.by_tenant() for group, tally in own],
            "no_longer_placed": dict(sorted(self.unplaced.items())),
            "not_grouped": self.not_grouped,
        }

    def _group(self, replayed: Replayed) -> None:
        record = replayed.record
        group = Group(record.tenant or "", replayed.change, replayed.old, replayed.new, replayed.added, replayed.removed)
        if group not in self.groups and len(self.groups) >= _MOST_GROUPS:
            self.not_grouped += 1
            return
        tally = self.groups.setdefault(group, Tally())
        tally.count += 1
        if len(tally.calls) < _EXAMPLES:
            tally.calls.append(record.call_id)

    def _count_unplaced(self, replayed: Replayed) -> None:
        who = f"{replayed.record.tenant}/{replayed.record.principal}"
        if who in self.unplaced or len(self.unplaced) < _MOST_GROUPS:
            self.unplaced[who] += 1


def _object(group: Group, tally: Tally) -> dict[str, Any]:
    return {
        "tenant": group.tenant,
        "change": group.change.value,
        "old": group.old,
        "new": group.new,
        "added": list(group.added),
        "removed": list(group.removed),
        "count": tally.count,
        "calls": list(tally.calls),
    }
