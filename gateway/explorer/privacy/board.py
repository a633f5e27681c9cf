"""What the page of privacy budgets shows: out of the ledger alone, which holds nothing that is not differentially private.

No look at this page costs anything, because every figure on it was paid for when it was released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.dp.answer import Answer
from gateway.dp.budget import Budget
from gateway.dp.ledger import SETTLED, Kind, Ledger, Release
from gateway.errors import ProtectionUnavailable
from gateway.store.database import Database

FEWEST = 10
"""Groups of fewer exchanges are not shown, as in `gateway dp report`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A group of a report; None where it is too small to tell."""

    group: str
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A line of the ledger. `rows` are those of a settled report, with the interval of their noise at 95 %."""

    release: Release
    what: str
    rows: tuple[Row, ...] = ()
    interval: int | None = None
    scale: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A budget and what was made of it. `spent` is None where nothing here can add it up."""

    budget: Budget
    spent: float | None
    releases: tuple[Released, ...]

    @property
    def left(self) -> float | None:
        return None if self.spent is None else max(0.0, self.budget.epsilon - self.spent)


def accounts(database: Database, tenants: frozenset[str] | None) -> tuple[Account, ...]:
    """Of these tenants; None: of all. Raises AuditUnavailable."""
    ledger = Ledger(database)
    seen = [one for one in ledger.budgets() if tenants is None or one.tenant in tenants]
    return tuple(_account(ledger, one) for one in seen)


def _account(ledger: Ledger, budget: Budget) -> Account:
    try:
        spent = ledger.spent(budget)
    except ProtectionUnavailable:  # OpenDP, which adds up, is an extra
        spent = None
    released = tuple(_released(ledger, budget, one) for one in reversed(ledger.releases(budget)))
    return Account(budget=budget, spent=spent, releases=released)


def _released(ledger: Ledger, budget: Budget, release: Release) -> Released:
    asked = _object(release.asked)
    known = ledger.answered(budget, release.asked) if _is_report(release, asked) else None
    if known is None or known.release != release.id:
        return Released(release=release, what=_what(asked))
    answer = Answer.from_json(known.answer)
    rows = tuple(Row(group=group, value=answer.told(group, FEWEST)) for group in answer.sums)
    interval = None if answer.quantiles else answer.interval
    return Released(release=release, what=_what(asked), rows=rows, interval=interval, scale=answer.scale)


def _is_report(release: Release, asked: Mapping[str, Any]) -> bool:
    return release.state == SETTLED and release.kind == Kind.STATISTICS and "figure" in asked


def _what(asked: Mapping[str, Any]) -> str:
    """`sum of tokens by model`, `sensitivity`; the words are the ledger's own."""
    if "figure" not in asked:
        return str(asked.get("learnt", "training"))
    measure = f" of {asked['measure']}" if asked.get("measure") else ""
    return f"{asked['figure']}{measure} by {asked['by']}"


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
