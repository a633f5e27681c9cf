"""Makes a data set: who may be in it, what of them, and the card that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from gateway.audit.kept import DataKeys
from gateway.dp.budget import Budget, require
from gateway.dp.dataset.card import REASONS, DataCard
from gateway.dp.dataset.choose import chosen
from gateway.dp.dataset.files import lines_of
from gateway.dp.dataset.gather import Gathering
from gateway.moments import written
from gateway.store.database import Database


class Purpose(Protocol):
    """What policy says of a purpose."""

    @property
    def needs_consent(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Purposes by their names, as the policy of this version has them; of each unit at most `per_unit` examples."""

    purposes: Mapping[str, Purpose | None]
    per_unit: int
    policy_version: str

    def check(self, budget: Budget) -> None:
        """Raises InvalidRequest."""
        for purpose in self.purposes.values():
            require(purpose is not None, "purpose", "The policy has no such purpose.")
            consented = purpose is not None and purpose.needs_consent
            require(consented, "purpose", "Policy asks for no consent to this purpose: nobody can have agreed to training.")
        most = budget.contributions
        require(1 <= self.per_unit <= most, "per_subject", f"The budget lets a {budget.unit} count with 1 to {most} examples.")


@dataclass(frozen=True, slots=True)
class Made:
    """Not written yet."""

    card: DataCard
    lines: bytes = field(repr=False)


def make(
    database: Database, keyring: DataKeys, budget: Budget, wanted: Wanted, now: datetime, progress: Callable[[int], None]
) -> Made:
    """Raises InvalidRequest where there is nothing to learn from, AuditUnavailable and ProtectionUnavailable."""
    wanted.check(budget)
    require(budget.over(now), "until", "The time of this data set is not over: another one would come out tomorrow.")
    gathering = Gathering(database, keyring, budget, wanted.purposes, progress)
    examples, left_out = chosen(gathering.candidates(), budget.salt, wanted.per_unit)
    counts = gathering.counts + left_out
    if not examples and counts["not_kept"]:
        require(False, "data_set", "Policy kept no content of these exchanges; say record: {content: redacted} for the next.")
    require(bool(examples), "data_set", "No exchange of this time may be learned from.")
    lines = lines_of(examples)
    card = DataCard(
        tenant=budget.tenant,
        data_set=budget.data_set,
        since=budget.since,
        until=budget.until,
        purposes=tuple(sorted(wanted.purposes)),
        unit=budget.unit,
        per_unit=wanted.per_unit,
        units=len({example.unit for example in examples}),
        examples=len(examples),
        exchanges=counts["exchanges"],
        corrected=counts["corrected"],
        left_out={reason: counts[reason] for reason in REASONS},
        policy_version=wanted.policy_version,
        made_at=written(now),
        sha256=sha256(lines).hexdigest(),
    )
    return Made(card, lines)
