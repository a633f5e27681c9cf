"""What the record says of budgets and releases, against the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import Connection, delete, update

from gateway.assurance.agreement import require_agreement
from gateway.audit.act import Act, Action, ActOutcome, entry_of_act, new_act
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.log import Entry
from gateway.dp.agreement import disagreements, require_unchanged
from gateway.dp.budget import Budget, Unit
from gateway.dp.fingerprint import OF_BUDGET, of_budget
from gateway.dp.ledger import Ledger, Reserved
from gateway.errors import ProtectionUnavailable
from gateway.store import Database
from gateway.store.tables.dp import DP_BUDGETS, DP_RELEASES

BUDGET = Budget(
    tenant="acme",
    data_set="today",
    since="2026-01-01T00:00:00.000Z",
    until="2026-01-02T00:00:00.000Z",
    unit=Unit.SUBJECT,
    contributions=5,
    epsilon=1.0,
    delta=1e-6,
    salt=b"salt",
)


@dataclass(frozen=True)
class Spent:
    """A ledger with one release, and what the record says of it."""

    database: Database
    acts: tuple[Act, ...]

    def found(self) -> list[str]:
        return list(disagreements(Ledger(self.database), self.acts))

    def forge(self, *changes: Callable[[Connection], object]) -> None:
        with self.database.writing() as connection:
            for change in changes:
                change(connection)


def told(action: Action, result: str | None) -> Act:
    return new_act(action, tenant="acme", target="today", result=result).ended(ActOutcome.DONE)


@pytest.fixture
def spent(database: Database) -> Spent:
    ledger = Ledger(database)
    ledger.declare(BUDGET, "cli:root")
    reserved = ledger.reserve(BUDGET, '{"by":"tenant"}', 0.01, "cli:root")
    assert isinstance(reserved, Reserved)
    ledger.settle(reserved, '{"all":41}')
    release = ledger.told(BUDGET, reserved.release)
    assert release is not None
    return Spent(database, (told(Action.DP_DECLARE, of_budget(BUDGET)), told(Action.DP_REPORT, release)))


def test_what_nobody_changed_agrees(spent: Spent) -> None:
    assert spent.found() == []


@pytest.mark.parametrize(
    "values", [{"epsilon": 9.0}, {"until": "2026-02-01T00:00:00.000Z"}, {"contributions": 500}, {"salt": b"mine"}], ids=str
)
def test_another_budget_is_noticed(spent: Spent, values: dict[str, object]) -> None:
    spent.forge(lambda connection: connection.execute(update(DP_BUDGETS).values(**values)))
    assert spent.found()[0].startswith("the privacy budget of data set today of acme is not as act ")


@pytest.mark.parametrize("values", [{"state": "released"}, {"rho": 0.0}, {"answer": '{"all":1}'}, {"data_set": "x"}], ids=str)
def test_a_release_that_was_changed_is_noticed(spent: Spent, values: dict[str, object]) -> None:
    spent.forge(lambda connection: connection.execute(update(DP_RELEASES).values(**values)))
    (words,) = spent.found()
    assert words.startswith("release dp_")


def test_what_was_taken_away_is_noticed(spent: Spent) -> None:
    spent.forge(lambda connection: connection.execute(delete(DP_RELEASES)))
    assert len(spent.found()) == 1
    spent.forge(lambda connection: connection.execute(delete(DP_BUDGETS)))
    assert len(spent.found()) == 2


def test_a_budget_that_was_declared_anew_is_not_the_one_that_was_spent(spent: Spent) -> None:
    spent.forge(
        lambda connection: connection.execute(delete(DP_RELEASES)), lambda connection: connection.execute(delete(DP_BUDGETS))
    )
    fresh = Budget(**{name: getattr(BUDGET, name) for name in BUDGET.__dataclass_fields__} | {"salt": b"other"})
    Ledger(spent.database).declare(fresh, "cli:root")
    again = Spent(spent.database, (*spent.acts, told(Action.DP_DECLARE, of_budget(fresh))))
    assert len(again.found()) == 2


def test_a_figure_that_nobody_may_declare_is_noticed_too(spent: Spent) -> None:
    spent.forge(lambda connection: connection.execute(update(DP_BUDGETS).values(epsilon=1e9)))
    assert spent.found()


def test_acts_of_older_gateways_and_such_that_failed_are_no_matter(spent: Spent) -> None:
    failed = new_act(Action.DP_REPORT, tenant="acme", target="today", result="dp_x y").ended(ActOutcome.FAILED)
    other = Spent(spent.database, (told(Action.DP_REPORT, None), failed))
    assert other.found() == []


@pytest.fixture
def running(database: Database) -> Spent:
    """A run of training that has begun, and what the record says of it: what is put aside, and what it will come to."""
    ledger = Ledger(database)
    budget = replace(BUDGET, epsilon=8.0, training_epsilon=4.0, training_delta=2e-7)
    ledger.declare(budget, "cli:root")
    release = ledger.reserve_training(budget, "run", 4.0, 1e-7, "cli:root").release
    said = (ledger.told(budget, release), ledger.told(budget, release, state="settled", answer="{}", epsilon=3.9))
    return Spent(database, tuple(told(Action.DP_SPEND, one) for one in said))


def release_of(spent: Spent) -> Reserved:
    return Reserved(str(spent.acts[0].result).partition(" ")[0])


def test_a_run_that_was_killed_is_as_it_began_or_as_it_was_to_end(running: Spent) -> None:
    assert running.found() == []
    ledger = Ledger(running.database)
    ledger.settle_training(release_of(running), "{}", 3.9)
    assert running.found() == []
    began = Spent(running.database, running.acts[:1])
    assert len(began.found()) == 1, "nobody said that it would end so"


@pytest.mark.parametrize("values", [{"state": "released"}, {"epsilon": 0.1}, {"data_set": "x"}], ids=str)
def test_what_a_run_that_was_killed_spent_cannot_be_taken_back(running: Spent, values: dict[str, object]) -> None:
    running.forge(lambda connection: connection.execute(update(DP_RELEASES).values(**values)))
    (words,) = running.found()
    assert words.startswith(f"release {release_of(running).release} of data set today of acme is not as act ")


def test_a_run_that_was_killed_cannot_be_taken_out(running: Spent) -> None:
    running.forge(lambda connection: connection.execute(delete(DP_RELEASES)))
    assert len(running.found()) == 1


@pytest.mark.parametrize("asks", ["gateway.dp.agreement", "gateway.assurance.agreement"])
def test_a_run_that_ends_between_the_two_readings(running: Spent, monkeypatch: pytest.MonkeyPatch, asks: str) -> None:
    began, ends = running.acts
    entered = [began]

    def read(_: Database, actions: Iterable[Action]) -> Iterator[Act]:
        if Action.DP_SPEND in actions:
            yield from tuple(entered)
            if entered == [began]:
                entered.append(ends)
                Ledger(running.database).settle_training(release_of(running), "{}", 3.9)

    monkeypatch.setattr(f"{asks}.read_all", read)
    if asks == "gateway.dp.agreement":
        require_unchanged(running.database, BUDGET)
    else:
        assert require_agreement(running.database, lambda: None) == 2
    assert entered == [began, ends]


def test_a_run_that_ended_is_as_it_ended(running: Spent) -> None:
    done = told(Action.DP_TRAIN, running.acts[1].result)
    whole = Spent(running.database, (done, *running.acts))  # an act stands where it began
    assert len(whole.found()) == 1, "it is still as it was put aside"
    Ledger(running.database).settle_training(release_of(running), "{}", 3.9)
    assert whole.found() == []


async def test_nothing_more_is_spent_of_what_was_changed(spent: Spent) -> None:
    log = DatabaseAuditLog(spent.database)
    for act in spent.acts:
        await log.append(entry_of_act(act))
    await log.close()
    other = replace(BUDGET, data_set="other", since="2026-02-01", until="2026-03-01")
    Ledger(spent.database).declare(other, "cli:root")
    require_unchanged(spent.database, BUDGET)
    spent.forge(lambda connection: connection.execute(update(DP_RELEASES).values(state="released")))
    with pytest.raises(ProtectionUnavailable, match="not what the record says"):
        require_unchanged(spent.database, BUDGET)
    require_unchanged(spent.database, other)


async def test_an_act_that_cannot_be_read_lets_nothing_more_be_spent(spent: Spent) -> None:
    log = DatabaseAuditLog(spent.database)
    written: Entry = entry_of_act(spent.acts[0])
    await log.append(replace(written, body=written.body.replace(f'"{ActOutcome.DONE}"', '"later"')))
    await log.close()
    with pytest.raises(ProtectionUnavailable, match="cannot read"):
        require_unchanged(spent.database, BUDGET)


def test_what_a_later_version_keeps_of_a_budget_changes_no_fingerprint() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Later(Budget):
        more: float = 1.0

    later = Later(**{name: getattr(BUDGET, name) for name in BUDGET.__dataclass_fields__})
    assert of_budget(later) == of_budget(BUDGET)


def test_a_fingerprint_is_over_all_that_a_budget_has() -> None:
    assert {*OF_BUDGET, "salt"} == {*BUDGET.__dataclass_fields__}
