"""Answers a question about a data set: plans its noise, reserves what it costs, reads the record, and settles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.dp import accountant
from gateway.dp.agreement import require_unchanged
from gateway.dp.answer import Answer
from gateway.dp.budget import Budget
from gateway.dp.contributions import Row, bounded
from gateway.dp.ledger import Ledger, Reserved, Settled
from gateway.dp.noise import NoisyQuantiles, NoisySums
from gateway.dp.question import ALL, OTHER, By, Figure, Question
from gateway.dp.reading import facts, has_record
from gateway.errors import InvalidRequest
from gateway.store.database import Database

_FOR_COUNTS = 0.25
"""The share of a quantile's cost that goes into counting, to know which groups are too small to tell one."""
_FOR_ROUNDING = 1e-9
"""The share that is left: costs are rounded up where they are added, and the whole must stay within what was asked."""


@dataclass(frozen=True, slots=True)
class Reported:
    """`repeated` where an equal question was answered before, for free."""

    release: str
    answer: Answer
    repeated: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The mechanisms that answer a question. `rho` is what they cost together."""

    sums: NoisySums
    quantiles: NoisyQuantiles | None

    @property
    def rho(self) -> float:
        return accountant.total([self.sums.rho, *([self.quantiles.rho] if self.quantiles else [])])


def report(database: Database, budget: Budget, question: Question, by: str, now: datetime) -> Reported:
    """Raises InvalidRequest, BudgetSpent, AuditUnavailable or ProtectionUnavailable; then nothing is told.

    Where it ended before noise was drawn, nothing is spent either.
    """
    require_unchanged(database, budget)
    ledger, asked = Ledger(database), question.asked(budget)
    known = ledger.answered(budget, asked)
    if known is None:
        require_data(database, budget, now)
        plan = planned(budget, question)
        reserved = ledger.reserve(budget, asked, plan.rho, by)
        if isinstance(reserved, Reserved):
            return _released(database, budget, question, plan, reserved)
        known = reserved
    return _repeated(known)


def planned(budget: Budget, question: Question) -> Plan:
    """The least noise that costs no more than the question may. Needs no data."""
    rho, rows = accountant.rho_within(question.epsilon, budget.statistics_delta), budget.contributions
    if question.figure is not Figure.QUANTILE:
        return Plan(NoisySums.within(rho, rows, _most(question)), None)
    left = rho * (1 - _FOR_COUNTS - _FOR_ROUNDING)
    quantiles = NoisyQuantiles.within(left, rows, len(groups_of(question)), question.quantile, question.most)
    return Plan(NoisySums.within(rho * _FOR_COUNTS, rows, 1), quantiles)


def groups_of(question: Question) -> tuple[str, ...]:
    """All groups of the answer, whatever the data: that one is there tells nothing."""
    return (ALL,) if question.by is By.TENANT else (*question.groups, OTHER)


def _released(database: Database, budget: Budget, question: Question, plan: Plan, reserved: Reserved) -> Reported:
    ledger = Ledger(database)
    try:
        rows = bounded(facts(database, budget), budget, question)
    except BaseException:
        ledger.release(reserved)
        raise
    answer = _drawn(rows, budget, question, plan)
    ledger.settle(reserved, answer.to_json())
    return Reported(reserved.release, answer, repeated=False)


def _drawn(rows: Iterable[Row], budget: Budget, question: Question, plan: Plan) -> Answer:
    groups = groups_of(question)
    values: dict[str, list[int]] = {group: [] for group in groups}
    for row in rows:
        values[row.group].append(row.value)
    of = [len(values[group]) if plan.quantiles else sum(values[group]) for group in groups]
    return Answer(
        sums=dict(zip(groups, plan.sums.release(of), strict=True)),
        scale=plan.sums.scale,
        interval=plan.sums.interval,
        rho=plan.rho,
        epsilon=accountant.epsilon((plan.rho,), budget.statistics_delta),
        most=1 if plan.quantiles else _most(question),
        quantiles=_ranked(values, plan.quantiles),
        quantile_scale=plan.quantiles.scale if plan.quantiles else None,
    )


def _ranked(values: dict[str, list[int]], quantiles: NoisyQuantiles | None) -> dict[str, int]:
    of: dict[str, Sequence[int]] = dict(values)
    return quantiles.release(of) if quantiles else {}


def _most(question: Question) -> int:
    return 1 if question.figure is Figure.COUNT else question.most


def _repeated(known: Settled) -> Reported:
    return Reported(known.release, Answer.from_json(known.answer), repeated=True)


def require_data(database: Database, budget: Budget, now: datetime) -> None:
    """What is asked here is the same whoever wrote or did not: whether anybody did is for the noise to hide.

    Raises InvalidRequest or AuditUnavailable.
    """
    if not budget.over(now):
        raise InvalidRequest("The time of this data set is not over: a report would be about a part of it.", param="until")
    if not has_record(database, budget):
        raise InvalidRequest("The record holds nothing of this time: no gateway ran.", param="data_set")
