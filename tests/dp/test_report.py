"""Reports over a real record: what counts, what does not, and what a failure costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, update

from gateway.audit.act import Action, ActOutcome, new_act
from gateway.audit.enter import enter_ended
from gateway.dp import report as reporting
from gateway.dp.budget import Budget
from gateway.dp.contributions import Fact
from gateway.dp.ledger import RELEASED, RESERVED, SETTLED, Ledger
from gateway.dp.question import ALL, OTHER, By, Figure, Measure, Question
from gateway.dp.reading import facts
from gateway.dp.report import Reported, report
from gateway.errors import AuditUnavailable, BudgetSpent, InvalidRequest, ProtectionUnavailable
from gateway.exchange import Shadowed
from gateway.store import Database
from gateway.store.tables.dp import DP_RELEASES
from tests.dp.records import LATER, a_budget, a_question, an_exchange, put


@pytest.fixture
def budget() -> Budget:
    return a_budget(epsilon=20.0)


@pytest.fixture
def filled(database: Database, budget: Budget) -> Database:
    """400 exchanges of 200 people, two each; a third of them with a person's name in it."""
    put(database, (an_exchange(f"c{n}", f"p{n % 200}", found={"PERSON": 2} if n % 3 == 0 else {}) for n in range(400)))
    Ledger(database).declare(budget, "cli:test")
    return database


def ask(database: Database, budget: Budget, question: Question | None = None, now: datetime = LATER) -> Reported:
    return report(database, budget, question or a_question(epsilon=10.0), "cli:test", now)


def states(database: Database, budget: Budget) -> list[str]:
    return [one.state for one in Ledger(database).releases(budget)]


# What is told


@pytest.mark.parametrize(
    ("changes", "truth"),
    [
        ({}, {ALL: 400}),
        ({"by": By.MODEL, "groups": ("large", "small")}, {"large": 0, "small": 400, OTHER: 0}),
        ({"by": By.PURPOSE, "groups": ("support",)}, {"support": 400, OTHER: 0}),
        ({"by": By.ENTITY, "groups": ("PERSON",)}, {"PERSON": 134, OTHER: 0}),
        ({"figure": Figure.SUM, "measure": Measure.TOKENS, "most": 200}, {ALL: 400 * 120}),
        ({"figure": Figure.SUM, "measure": Measure.FINDINGS, "most": 5}, {ALL: 2 * 134}),
    ],
)
def test_figures_are_the_truth_and_noise(
    filled: Database, budget: Budget, changes: dict[str, Any], truth: dict[str, int]
) -> None:
    """Six times the standard deviation: once in 500 million."""
    answer = ask(filled, budget, a_question(epsilon=10.0, **changes)).answer
    assert answer.sums.keys() == truth.keys()
    assert all(abs(answer.sums[group] - truth[group]) <= 6 * answer.scale + 1 for group in truth)
    assert answer.epsilon <= 10.0


def test_a_quantile_is_one_of_the_candidates_near_the_truth(filled: Database, budget: Budget) -> None:
    question = a_question(epsilon=10.0, figure=Figure.QUANTILE, measure=Measure.DURATION, most=60_000)
    answer = ask(filled, budget, question).answer
    assert 200 <= answer.quantiles[ALL] <= 300
    assert answer.told(ALL, 10) == answer.quantiles[ALL]
    assert 9.99 < answer.epsilon <= 10.0


def test_small_groups_are_not_told(filled: Database, budget: Budget) -> None:
    question = a_question(epsilon=10.0, by=By.MODEL, groups=("large", "small"))
    answer = ask(filled, budget, question).answer
    told = replace(answer, sums={"large": answer.interval - 1, "small": 400, OTHER: -3})
    assert [told.told(group, 0) for group in ("large", "small", OTHER)] == [None, 400, None]
    assert told.told("small", 401) is None
    assert replace(told, most=50).told("small", 10) is None, "so much may come from eight exchanges"


def test_only_this_tenants_exchanges_of_this_time_count(filled: Database, budget: Budget) -> None:
    before = list(facts(filled, budget))
    strangers = [
        an_exchange("x1", tenant="bank"),
        an_exchange("x2", opened_at="2025-12-31T23:59:59.999Z"),
        an_exchange("x3", opened_at=budget.until),
        an_exchange("x4", shadow=Shadowed(of="c1")),
        an_exchange("x5", tenant=None, principal=None),
    ]
    put(filled, strangers)
    assert list(facts(filled, budget)) == before
    assert len(before) == 400
    assert before[0] == Fact(
        call_id="c0", subject="p0", model="small", purpose="support", tokens=120, duration_ms=250, found={"PERSON": 2}
    )


# What it costs


def test_asked_again_it_is_the_same_and_free(filled: Database, budget: Budget) -> None:
    first = ask(filled, budget)
    put(filled, [an_exchange("late", "q")])
    second = ask(filled, budget, now=LATER)
    assert (first.repeated, second.repeated) == (False, True)
    assert (second.release, second.answer) == (first.release, first.answer)
    assert states(filled, budget) == [SETTLED]


def test_a_budget_that_is_spent_tells_no_more_but_what_it_told(filled: Database, budget: Budget) -> None:
    first = ask(filled, budget, a_question(epsilon=19.0))
    with pytest.raises(BudgetSpent):
        ask(filled, budget, a_question(epsilon=18.0))
    assert ask(filled, budget, a_question(epsilon=19.0)).answer == first.answer
    assert states(filled, budget) == [SETTLED]


@pytest.mark.parametrize("changes", [{}, {"figure": Figure.QUANTILE, "measure": Measure.DURATION, "most": 60_000}])
def test_all_of_a_budget_can_be_spent_at_once(filled: Database, budget: Budget, changes: dict[str, Any]) -> None:
    assert ask(filled, budget, a_question(epsilon=budget.epsilon, **changes)).answer.epsilon <= budget.epsilon


def test_a_tenant_without_exchanges_gets_noise_too(filled: Database, budget: Budget) -> None:
    """That nobody wrote anything is what the noise hides."""
    nobody = replace(budget, tenant="bank")
    Ledger(filled).declare(nobody, "cli:test")
    answer = ask(filled, nobody).answer
    assert abs(answer.sums[ALL]) <= 6 * answer.scale + 1


# What fails


def test_an_answer_that_somebody_changed_is_not_told_again(filled: Database, budget: Budget) -> None:
    told = Ledger(filled).told(budget, ask(filled, budget).release)
    act = new_act(Action.DP_REPORT, tenant=budget.tenant, target=budget.data_set, result=told)
    enter_ended(filled, act.ended(ActOutcome.DONE))
    assert ask(filled, budget).repeated
    with filled.writing() as connection:
        connection.execute(update(DP_RELEASES).values(answer=func.replace(DP_RELEASES.c.answer, '"scale":', '"scale":1')))
    with pytest.raises(ProtectionUnavailable, match="not what the record says"):
        ask(filled, budget)


def test_what_is_refused_costs_nothing(filled: Database, budget: Budget, database: Database) -> None:
    before = replace(budget, data_set="before", since="2020-01-01T00:00:00.000Z", until="2020-02-01T00:00:00.000Z")
    Ledger(database).declare(before, "cli:test")
    with pytest.raises(InvalidRequest, match="not over"):
        ask(filled, budget, now=datetime(2026, 1, 20, tzinfo=UTC))
    with pytest.raises(InvalidRequest, match="no gateway ran"):
        ask(filled, before)
    with pytest.raises(InvalidRequest, match="more noise"):
        ask(filled, budget, a_question(epsilon=1e-9, figure=Figure.SUM, measure=Measure.TOKENS, most=10**9))
    assert states(filled, budget) == states(filled, before) == []


def test_a_record_that_cannot_be_read_costs_nothing(filled: Database, budget: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[Fact]:
        yield next(facts(filled, budget))
        raise AuditUnavailable("The database cannot be read.")

    monkeypatch.setattr(reporting, "facts", broken)
    with pytest.raises(AuditUnavailable):
        ask(filled, budget)
    assert states(filled, budget) == [RELEASED]
    assert Ledger(filled).spent(budget) == 0.0


def test_an_answer_that_cannot_be_kept_is_not_told_and_is_paid_for(
    filled: Database, budget: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise AuditUnavailable("The database cannot be written.")

    monkeypatch.setattr(Ledger, "settle", broken)
    with pytest.raises(AuditUnavailable):
        ask(filled, budget)
    assert states(filled, budget) == [RESERVED]
    assert Ledger(filled).spent(budget) == pytest.approx(10.0, rel=1e-3)


def test_without_opendp_nothing_is_told(filled: Database, budget: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opendp.prelude", None)
    with pytest.raises(ProtectionUnavailable, match="dp-statistics"):
        ask(filled, budget)
    assert Ledger(filled).releases(budget) == ()
