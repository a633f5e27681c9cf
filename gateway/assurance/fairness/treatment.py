"""Who is refused, and in whose requests how much is found, out of the record: by tenant, team, role and surface.

Groups with few exchanges are not shown: a rate of few says little, and may say it about somebody. Where what is not shown of a
tenant is still few, so that it is the difference to the tenant's own row, the smallest of the others is not shown either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.assurance.evidence.counted import FAILED, REFUSED
from gateway.assurance.fairness.intervals import Rate, Ratio
from gateway.audit.event import ExchangeRecord, Outcome

FEWEST = 20
"""Exchanges of a group that is shown."""
NOBODYS = "-"
"""Stands for no team."""
_KILO = 1_000


class By(StrEnum):
    """What groups are told apart by."""

    TENANT = "tenant"
    TEAM = "team"
    ROLE = "role"
    SURFACE = "surface"


@dataclass(slots=True)
class Treated:
    """Of one group. `density` is findings for each kilobyte of requests: the record knows bytes, not characters."""

    n: int = 0
    refused: int = 0
    failed: int = 0
    density: Ratio = field(default_factory=Ratio)

    def add(self, record: ExchangeRecord) -> None:
        self.n += 1
        self.refused += record.outcome in REFUSED
        self.failed += record.outcome in FAILED
        if record.asked is not None and record.asked.found is not None and record.request_bytes:
            self.density.add(sum(record.asked.found.values()), record.request_bytes / _KILO)

    @property
    def refusals(self) -> Rate:
        return Rate(self.refused, self.n)

    @property
    def failures(self) -> Rate:
        return Rate(self.failed, self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """`groups` of FEWEST exchanges or more, by name; `hidden` counts groups with fewer."""

    by: By
    groups: tuple[tuple[str, Treated], ...]
    hidden: int


def treatments(records: Iterable[ExchangeRecord]) -> tuple[Treatment, ...]:
    """Exchanges of callers with a name that have ended; copies for comparison are nobody's."""
    sums: dict[By, dict[tuple[str, str], Treated]] = {by: {} for by in By}
    for record in records:
        if record.tenant is None or record.shadow is not None or record.outcome is Outcome.INCOMPLETE:
            continue
        for by, name in _groups(record):
            sums[by].setdefault((record.tenant, name), Treated()).add(record)
    return tuple(_treatment(by, sums[by]) for by in By)


def _groups(record: ExchangeRecord) -> Iterator[tuple[By, str]]:
    """Inside of the tenant: equal names elsewhere are others. Who is in no team is a group of its own."""
    yield By.TENANT, ""
    yield By.TEAM, record.team or NOBODYS
    for role in record.roles:
        yield By.ROLE, role
    yield By.SURFACE, record.surface.value


def _treatment(by: By, groups: Mapping[tuple[str, str], Treated]) -> Treatment:
    hidden = {key for key, own in groups.items() if own.n < FEWEST}
    if by is not By.TENANT:
        for tenant in sorted({tenant for tenant, _ in hidden}):
            hidden |= _beside(tenant, groups, hidden)
    shown = tuple(("/".join(filter(None, key)), groups[key]) for key in sorted(groups) if key not in hidden)
    return Treatment(by=by, groups=shown, hidden=len(hidden))


def _beside(tenant: str, groups: Mapping[tuple[str, str], Treated], hidden: Set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The smallest groups that have to be hidden too, so that all that is hidden of the tenant is no longer few."""
    left = sum(groups[key].n for key in hidden if key[0] == tenant)
    more: set[tuple[str, str]] = set()
    for key in sorted((key for key in groups if key[0] == tenant and key not in hidden), key=lambda key: (groups[key].n, key)):
        if left >= FEWEST:
            break
        more.add(key)
        left += groups[key].n
    return more
