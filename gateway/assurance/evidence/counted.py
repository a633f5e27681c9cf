"""Exchanges of a time, counted by tenant and purpose out of the record. Holds no text, and nobody but tenants by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.obligations import OperatorKind

REFUSED = frozenset({Outcome.DENIED})
FAILED = frozenset({Outcome.FAILED, Outcome.TRUNCATED})


@dataclass(slots=True)
class Tally:
    """Of one tenant and purpose. `found` counts findings by type, `kept` those of them that went on as they were."""

    exchanges: int = 0
    refused: int = 0
    failed: int = 0
    left: int = 0
    found: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)

    def add(self, record: ExchangeRecord) -> None:
        self.exchanges += 1
        self.refused += record.outcome in REFUSED
        self.failed += record.outcome in FAILED
        self.left += record.served is not None and record.served.external
        for one in record.findings:
            self.found[one.entity] += one.count
            if one.operator is OperatorKind.KEEP:
                self.kept[one.entity] += one.count


@dataclass(slots=True)
class Counted:
    """`since` is where the time begins (ISO 8601, UTC); `versions` counts decisions by tenant and version of the policy.
    Exchanges of nobody, who had no valid key, belong to no tenant.
    """

    since: str
    tallies: dict[tuple[str, str | None], Tally] = field(default_factory=dict)
    versions: Counter[tuple[str, str]] = field(default_factory=Counter)
    unknown_callers: int = 0
    copies: int = 0

    def add(self, record: ExchangeRecord) -> None:
        """A copy for comparison is not an exchange of its caller's."""
        if record.shadow is not None:
            self.copies += 1
        elif record.tenant is None:
            self.unknown_callers += 1
        else:
            purpose = record.asked.purpose if record.asked else None
            self.tallies.setdefault((record.tenant, purpose), Tally()).add(record)
            if record.decision is not None:
                self.versions[record.tenant, record.decision.policy_version] += 1

    def of(self, tenant: str) -> list[tuple[str | None, Tally]]:
        """By purpose, those that stated none last."""
        own = [(purpose, tally) for (name, purpose), tally in self.tallies.items() if name == tenant]
        return sorted(own, key=lambda one: (one[0] is None, one[0] or ""))


def counted(records: Iterable[ExchangeRecord], since: str) -> Counted:
    """All of them; whoever gives them sees to the time."""
    sums = Counted(since)
    for record in records:
        sums.add(record)
    return sums
