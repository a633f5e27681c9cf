"""What a report would cost, and how noisy it would be: worked out without a look at the data, and so for free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.dp.budget import Budget
from gateway.dp.ledger import Ledger
from gateway.dp.question import Question
from gateway.dp.report import planned, require_data
from gateway.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """`scale` and `interval` are those of the noise, as an answer has them; for a quantile the interval is that of the counts.

    `spent` is the epsilon of everything so far, and `after` with this. `repeated`: it was answered before, and costs nothing.
    """

    scale: float
    interval: int
    quantile_scale: float | None
    spent: float
    after: float
    fits: bool
    repeated: bool


def quoted(database: Database, budget: Budget, question: Question, now: datetime) -> Quote:
    """Raises InvalidRequest, AuditUnavailable or ProtectionUnavailable, as the report would."""
    ledger = Ledger(database)
    repeated = ledger.answered(budget, question.asked(budget)) is not None
    if not repeated:
        require_data(database, budget, now)
    plan, spent = planned(budget, question), ledger.spent(budget)
    after = spent if repeated else ledger.spent_with(budget, plan.rho)
    return Quote(
        scale=plan.sums.scale,
        interval=plan.sums.interval,
        quantile_scale=plan.quantiles.scale if plan.quantiles else None,
        spent=spent,
        after=after,
        fits=repeated or ledger.allows(budget, plan.rho),
        repeated=repeated,
    )
