"""The ledger: nothing is spent twice, nothing beyond the total, and what nobody ended is spent."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from gateway.dp.accountant import epsilon, rho_within
from gateway.dp.budget import Budget
from gateway.dp.ledger import RELEASED, RESERVED, SETTLED, Ledger, Reserved, Settled
from gateway.errors import AuditUnavailable, BudgetSpent, InvalidRequest
from gateway.store import Database
from tests.dp.records import a_budget


@pytest.fixture
def budget() -> Budget:
    return a_budget(epsilon=1.0)


@pytest.fixture
def ledger(database: Database, budget: Budget) -> Ledger:
    made = Ledger(database)
    made.declare(budget, "cli:test")
    return made


def reserve(ledger: Ledger, budget: Budget, asked: str, rho: float) -> Reserved:
    found = ledger.reserve(budget, asked, rho, "cli:test")
    assert isinstance(found, Reserved)
    return found


def states(ledger: Ledger, budget: Budget) -> list[str]:
    return sorted(one.state for one in ledger.releases(budget))


def test_what_was_declared_is_found_again(ledger: Ledger, budget: Budget) -> None:
    assert ledger.budget("acme", "january") == budget
    assert ledger.budgets() == (budget,)
    assert ledger.budgets("bank") == ()
    with pytest.raises(InvalidRequest, match="No budget"):
        ledger.budget("bank", "january")


def test_a_budget_is_declared_once(ledger: Ledger, budget: Budget) -> None:
    with pytest.raises(InvalidRequest, match="cannot be changed"):
        ledger.declare(replace(budget, epsilon=9.0), "cli:test")
    assert ledger.budget("acme", "january").epsilon == 1.0


def test_no_second_budget_covers_a_part_of_the_same_time(ledger: Ledger, budget: Budget) -> None:
    again = replace(budget, data_set="again")
    for since, until in (("2026-01-31", "2026-02-10"), ("2025-01-01", "2027-01-01"), ("2026-01-05", "2026-01-06")):
        with pytest.raises(InvalidRequest, match="part of this time"):
            ledger.declare(replace(again, since=f"{since}T00:00:00.000Z", until=f"{until}T00:00:00.000Z"), "cli:test")
    ledger.declare(replace(again, since=budget.until, until="2026-03-01T00:00:00.000Z"), "cli:test")
    ledger.declare(replace(again, tenant="bank"), "cli:test")
    assert [(one.tenant, one.data_set) for one in ledger.budgets()] == [
        ("acme", "january"),
        ("acme", "again"),
        ("bank", "again"),
    ]


def test_an_equal_question_gets_the_same_answer_for_free(ledger: Ledger, budget: Budget) -> None:
    rho = rho_within(0.9, budget.delta)
    reserved = reserve(ledger, budget, "q", rho)
    assert ledger.answered(budget, "q") is None
    ledger.settle(reserved, "42")
    spent = ledger.spent(budget)
    assert ledger.reserve(budget, "q", rho, "cli:other") == ledger.answered(budget, "q") == Settled(reserved.release, "42")
    assert ledger.spent(budget) == spent == pytest.approx(0.9, rel=1e-3)


def test_costs_compose_until_the_total_and_no_further(ledger: Ledger, budget: Budget) -> None:
    rho = rho_within(1.0, budget.delta) / 4
    for number in range(4):
        ledger.settle(reserve(ledger, budget, f"q{number}", 0.999 * rho), "1")
    assert ledger.spent(budget) == pytest.approx(1.0, rel=1e-2)
    assert ledger.spent(budget) < 4 * epsilon([rho], budget.delta), "zCDP adds up to less than the epsilons do"
    with pytest.raises(BudgetSpent):
        ledger.reserve(budget, "q4", rho, "cli:test")
    assert states(ledger, budget) == [SETTLED] * 4


@pytest.mark.parametrize("rho", [float("nan"), float("inf"), -1.0])
def test_what_is_no_cost_is_not_reserved(ledger: Ledger, budget: Budget, rho: float) -> None:
    with pytest.raises(BudgetSpent):
        ledger.reserve(budget, "q", rho, "cli:test")
    assert ledger.releases(budget) == ()


def test_budgets_do_not_pay_for_each_other(ledger: Ledger, budget: Budget) -> None:
    bank = replace(budget, tenant="bank")
    ledger.declare(bank, "cli:test")
    reserve(ledger, budget, "q", rho_within(1.0, budget.delta))
    assert (ledger.spent(bank), ledger.releases(bank)) == (0.0, ())
    assert ledger.answered(bank, "q") is None


def test_what_was_released_is_there_again_and_what_ended_cannot_end_again(ledger: Ledger, budget: Budget) -> None:
    rho = rho_within(1.0, budget.delta)
    first = reserve(ledger, budget, "q", rho)
    ledger.release(first)
    assert ledger.spent(budget) == 0.0
    second = reserve(ledger, budget, "q", rho)
    ledger.settle(second, "42")
    for ended in (first, second):
        with pytest.raises(AuditUnavailable):
            ledger.release(ended)
        with pytest.raises(AuditUnavailable):
            ledger.settle(ended, "43")
    assert states(ledger, budget) == [RELEASED, SETTLED]
    assert ledger.answered(budget, "q") == Settled(second.release, "42")


def test_of_several_at_once_only_those_get_through_that_fit(ledger: Ledger, budget: Budget) -> None:
    rho = rho_within(1.0, budget.delta) / 3

    def ask(number: int) -> bool:
        try:
            ledger.reserve(budget, f"q{number}", 0.999 * rho, "cli:test")
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(8))) == 3
    assert ledger.spent(budget) <= 1.0


_KILLED = """
import os, signal, sys
from gateway.dp.ledger import Ledger
from gateway.store import open_database
ledger = Ledger(open_database(sys.argv[1]))
budget = ledger.budget("acme", "january")
print(ledger.reserve(budget, "q", float(sys.argv[2]), "cli:test").release, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_who_is_killed_between_reserving_and_settling_has_spent(ledger: Ledger, budget: Budget, database_url: str) -> None:
    rho = rho_within(0.8, budget.delta)
    program = [sys.executable, "-c", _KILLED, database_url, str(rho)]
    killed = subprocess.run(program, capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr
    (release,) = ledger.releases(budget)
    assert (release.id, release.state, release.ended_at) == (killed.stdout.strip(), RESERVED, None)
    assert ledger.spent(budget) == pytest.approx(0.8, rel=1e-3)
    with pytest.raises(BudgetSpent):
        ledger.reserve(budget, "q", rho, "cli:test")


@pytest.fixture
def shared(database: Database) -> tuple[Ledger, Budget]:
    """A budget of which three quarters are for training."""
    made, budget = Ledger(database), a_budget(epsilon=4.0, training_epsilon=3.0, training_delta=5e-7)
    made.declare(budget, "cli:test")
    return made, budget


def test_runs_of_training_add_up_within_their_share(shared: tuple[Ledger, Budget]) -> None:
    ledger, budget = shared
    first = ledger.reserve_training(budget, "run 1", 2.0, 2e-7, "cli:test")
    assert ledger.trained(budget) == (2.0, 2e-7)
    for epsilon_asked, delta_asked in ((1.1, 1e-7), (0.5, 4e-7), (float("nan"), 1e-7)):
        with pytest.raises(BudgetSpent):
            ledger.reserve_training(budget, "run 2", epsilon_asked, delta_asked, "cli:test")
    ledger.settle_training(first, "{}", 1.5)
    ledger.reserve_training(budget, "run 2", 1.5, 3e-7, "cli:test")
    assert ledger.trained(budget) == (3.0, 5e-7)


def test_training_takes_nothing_from_statistics_and_the_whole_is_the_sum(shared: tuple[Ledger, Budget]) -> None:
    ledger, budget = shared
    ledger.reserve_training(budget, "run 1", 3.0, 5e-7, "cli:test")
    rho = 0.999 * rho_within(1.0, budget.statistics_delta)
    reserve(ledger, budget, "q", rho)
    assert ledger.spent(budget) == pytest.approx(4.0, rel=1e-2)
    assert ledger.spent(budget) <= budget.epsilon
    with pytest.raises(BudgetSpent):
        ledger.reserve(budget, "q2", rho, "cli:test")


def test_a_run_goes_on_with_its_own_reservation_only(shared: tuple[Ledger, Budget]) -> None:
    ledger, budget = shared
    reserved = ledger.reserve_training(budget, "run 1", 2.0, 2e-7, "cli:test")
    assert ledger.taken_up(budget, reserved.release, "run 1") == reserved
    assert ledger.trained(budget) == (2.0, 2e-7)
    for release, asked in ((reserved.release, "run 2"), ("dp_none", "run 1")):
        with pytest.raises(InvalidRequest, match="no open reservation"):
            ledger.taken_up(budget, release, asked)
    with pytest.raises(AuditUnavailable):
        ledger.settle_training(reserved, "{}", 2.5)
    ledger.settle_training(reserved, "{}", 2.0)
    with pytest.raises(InvalidRequest, match="no open reservation"):
        ledger.taken_up(budget, reserved.release, "run 1")


def test_a_budget_without_a_share_for_training_allows_none(ledger: Ledger, budget: Budget) -> None:
    with pytest.raises(BudgetSpent):
        ledger.reserve_training(budget, "run", 0.1, 1e-9, "cli:test")
    for changes in ({"training_epsilon": 0.5}, {"training_epsilon": 9.0, "training_delta": 1e-7}, {"training_delta": 1e-6}):
        with pytest.raises(InvalidRequest):
            a_budget(epsilon=1.0, **changes)
