"""The ledger of budgets: a cost is reserved before anything is computed, and refused where it does not fit any more.

A reservation counts as spent from the moment that it is durable. It is settled with its answer in one statement, and is
released only by whoever made it, before any noise was drawn. So a process that dies in between has spent, and nobody ever gets
more than was paid for.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, text, update

from gateway.dp import accountant
from gateway.dp.budget import Budget, Unit
from gateway.dp.fingerprint import OF_RELEASE, of_release
from gateway.dp.question import digest
from gateway.errors import AuditUnavailable, BudgetSpent, InvalidRequest
from gateway.moments import utc_now
from gateway.store.database import Database
from gateway.store.tables.dp import DP_BUDGETS, DP_RELEASES

RESERVED, SETTLED, RELEASED = "reserved", "settled", "released"
_ROUNDING = 1e-9
"""Of an epsilon: shares that add up to the whole may be a little more in floating point."""
_BUDGET = tuple(DP_BUDGETS.c[name] for name in Budget.__dataclass_fields__)


class Kind(StrEnum):
    """What a release is, and so how its cost is added up: each kind has a share of the budget of its own."""

    STATISTICS = "statistics"  # zCDP: rho adds up, and is converted once
    TRAINING = "training"  # the accountant of a run (PRV) gives (epsilon, delta), and those of several runs add up


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of statistics `rho`; of training `epsilon` and `delta`."""

    kind: Kind
    rho: float = 0.0
    epsilon: float = 0.0
    delta: float = 0.0


@dataclass(frozen=True, slots=True)
class Settled:
    """An equal question was answered before: asking again costs nothing."""

    release: str
    answer: str


@dataclass(frozen=True, slots=True)
class Reserved:
    """A cost that is spent unless it is released."""

    release: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One line of the ledger. Moments are ISO 8601 in UTC."""

    id: str
    asked: str
    kind: str
    rho: float
    epsilon: float
    delta: float
    state: str
    asked_by: str
    reserved_at: str
    ended_at: str | None


class Ledger:
    """Usable by several processes on one database. Blocking. Every method raises AuditUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def declare(self, budget: Budget, by: str) -> None:
        """Once and for all. Raises InvalidRequest where the name is taken, or where some of that time has a budget already: a
        second one over the same data would be more than the first promised.
        """
        with self._database.writing() as connection:
            _alone(connection)
            for other in _budgets(connection, budget.tenant):
                if other.data_set == budget.data_set:
                    raise InvalidRequest("This data set has a budget, which cannot be changed.", param="data_set")
                if other.since < budget.until and budget.since < other.until:
                    raise InvalidRequest("Another data set of this tenant has a part of this time.", param="since")
            row = {column.name: getattr(budget, column.name) for column in _BUDGET}
            connection.execute(DP_BUDGETS.insert().values(**row, declared_by=by, declared_at=utc_now()))

    def budget(self, tenant: str, data_set: str) -> Budget:
        """Raises InvalidRequest where none was declared."""
        for budget in self.budgets(tenant):
            if budget.data_set == data_set:
                return budget
        raise InvalidRequest("No budget was declared for this data set of this tenant.", param="data_set")

    def budgets(self, tenant: str | None = None) -> tuple[Budget, ...]:
        with self._database.reading() as connection:
            return _budgets(connection, tenant)

    def releases(self, budget: Budget) -> tuple[Release, ...]:
        """All of a data set, the oldest first."""
        columns = [DP_RELEASES.c[name] for name in Release.__dataclass_fields__]
        query = select(*columns).where(_of(budget)).order_by(DP_RELEASES.c.reserved_at, DP_RELEASES.c.id)
        with self._database.reading() as connection:
            return tuple(Release(**row) for row in connection.execute(query).mappings())

    def told(self, budget: Budget, release: str, **ended: str | float) -> str | None:
        """What the record keeps of a release: its id, and a fingerprint of its row as it is, or as it will be with what `ended`
        says. None where there is none.
        """
        columns = [DP_RELEASES.c[name] for name in OF_RELEASE]
        query = select(*columns).where(_of(budget), DP_RELEASES.c.id == release)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else f"{release} {of_release({**row, **ended}, budget)}"

    def spent(self, budget: Budget) -> float:
        """The epsilon, at the budget's delta, of everything that was spent of it: basic composition over the kinds (Dwork and
        Roth 2014, theorem 3.16).
        """
        return self._spent(budget, ())

    def spent_with(self, budget: Budget, rho: float) -> float:
        """What `spent` would be after one more release of statistics."""
        return self._spent(budget, (rho,))

    def allows(self, budget: Budget, rho: float) -> bool:
        """Whether a release of statistics that costs so much would be let through now."""
        with self._database.reading() as connection:
            return _fits(connection, budget, rho)

    def _spent(self, budget: Budget, also: tuple[float, ...]) -> float:
        with self._database.reading() as connection:
            trained, _ = _trained(connection, budget)
            return accountant.epsilon([*_rhos(connection, budget), *also], budget.statistics_delta) + trained

    def trained(self, budget: Budget) -> tuple[float, float]:
        """The epsilon and the delta that training has spent: of several runs the sums."""
        with self._database.reading() as connection:
            return _trained(connection, budget)

    def reserve(self, budget: Budget, asked: str, rho: float, by: str) -> Reserved | Settled:
        """Durable when this returns. Raises BudgetSpent where not so much is left, and nothing is reserved then."""
        with self._database.writing() as connection:
            _lock(connection, budget)
            known = _answered(connection, budget, digest(asked))
            if known is not None:
                return known
            if not _fits(connection, budget, rho):
                raise BudgetSpent("The privacy budget of this data set does not allow this release any more.")
            return _insert(connection, budget, asked, Cost(kind=Kind.STATISTICS, rho=rho), by)

    def reserve_training(self, budget: Budget, asked: str, epsilon: float, delta: float, by: str) -> Reserved:
        """A run of training, which asks nothing that was asked before. Durable when this returns. Raises BudgetSpent."""
        with self._database.writing() as connection:
            _lock(connection, budget)
            epsilons, deltas = _trained(connection, budget)
            within = epsilons + epsilon <= budget.training_epsilon * (1 + _ROUNDING)
            if not within or deltas + delta > budget.training_delta * (1 + _ROUNDING):
                raise BudgetSpent("What this data set's budget has for training does not allow this run any more.")
            return _insert(connection, budget, asked, Cost(kind=Kind.TRAINING, epsilon=epsilon, delta=delta), by)

    def taken_up(self, budget: Budget, release: str, asked: str) -> Reserved:
        """A reservation that its own run goes on with. Raises InvalidRequest where it is none, is another run's, or ended."""
        open_run = and_(DP_RELEASES.c.id == release, DP_RELEASES.c.state == RESERVED, DP_RELEASES.c.digest == digest(asked))
        with self._database.reading() as connection:
            found = connection.execute(select(DP_RELEASES.c.id).where(_of(budget), open_run)).one_or_none()
        if found is None:
            raise InvalidRequest("This run has no open reservation in the ledger: it ended, or it is another run's.")
        return Reserved(release)

    def answered(self, budget: Budget, asked: str) -> Settled | None:
        """What an equal question got."""
        with self._database.reading() as connection:
            return _answered(connection, budget, digest(asked))

    def settle(self, reserved: Reserved, answer: str) -> None:
        """The answer may be shown once this returned."""
        self._end(reserved, SETTLED, answer)

    def settle_training(self, reserved: Reserved, answer: str, epsilon: float) -> None:
        """With the epsilon that the run came to: at most what was reserved, and less where it broke off."""
        fits = DP_RELEASES.c.epsilon >= epsilon * (1 - _ROUNDING)
        self._end(reserved, SETTLED, answer, fits, epsilon=epsilon)

    def release(self, reserved: Reserved) -> None:
        """Give back what was reserved. Only where no noise was drawn: else somebody could ask until they like the answer."""
        self._end(reserved, RELEASED, None)

    def _end(self, reserved: Reserved, state: str, answer: str | None, *only: ColumnElement[bool], **spent: float) -> None:
        of = and_(DP_RELEASES.c.id == reserved.release, DP_RELEASES.c.state == RESERVED, *only)
        change = update(DP_RELEASES).where(of).values(state=state, ended_at=utc_now(), answer=answer, **spent)
        with self._database.writing() as connection:
            if connection.execute(change).rowcount != 1:
                raise AuditUnavailable("This release is not reserved any more.")


def _budgets(connection: Connection, tenant: str | None) -> tuple[Budget, ...]:
    query = select(*_BUDGET).order_by(DP_BUDGETS.c.tenant, DP_BUDGETS.c.since)
    if tenant is not None:
        query = query.where(DP_BUDGETS.c.tenant == tenant)
    rows = connection.execute(query).mappings().all()
    return tuple(Budget(**{**row, "unit": Unit(row["unit"]), "salt": bytes(row["salt"])}) for row in rows)


def _answered(connection: Connection, budget: Budget, wanted: str) -> Settled | None:
    same = and_(_of(budget), DP_RELEASES.c.digest == wanted, DP_RELEASES.c.state == SETTLED)
    query = select(DP_RELEASES.c.id, DP_RELEASES.c.answer).where(same).order_by(DP_RELEASES.c.reserved_at).limit(1)
    found = connection.execute(query).one_or_none()
    return None if found is None else Settled(*found)


def _rhos(connection: Connection, budget: Budget) -> Sequence[float]:
    spent = and_(_of(budget), DP_RELEASES.c.state != RELEASED, DP_RELEASES.c.kind == Kind.STATISTICS.value)
    return connection.execute(select(DP_RELEASES.c.rho).where(spent)).scalars().all()


def _fits(connection: Connection, budget: Budget, rho: float) -> bool:
    rhos = [*_rhos(connection, budget), rho]
    return accountant.epsilon(rhos, budget.statistics_delta) <= budget.statistics_epsilon


def _trained(connection: Connection, budget: Budget) -> tuple[float, float]:
    spent = and_(_of(budget), DP_RELEASES.c.state != RELEASED, DP_RELEASES.c.kind == Kind.TRAINING.value)
    rows = connection.execute(select(DP_RELEASES.c.epsilon, DP_RELEASES.c.delta).where(spent)).all()
    return sum(row.epsilon for row in rows), sum(row.delta for row in rows)


def _of(budget: Budget) -> ColumnElement[bool]:
    return and_(DP_RELEASES.c.tenant == budget.tenant, DP_RELEASES.c.data_set == budget.data_set)


def _insert(connection: Connection, budget: Budget, asked: str, cost: Cost, by: str) -> Reserved:
    release = f"dp_{secrets.token_hex(16)}"
    row: dict[str, Any] = {"id": release, "tenant": budget.tenant, "data_set": budget.data_set, "asked_by": by, **asdict(cost)}
    row |= {"digest": digest(asked), "asked": asked, "state": RESERVED, "reserved_at": utc_now()}
    connection.execute(DP_RELEASES.insert().values(**row))
    return Reserved(release)


def _lock(connection: Connection, budget: Budget) -> None:
    """Until this transaction ends nobody else reserves of this budget. In SQLite every writer is alone anyway."""
    mine = and_(DP_BUDGETS.c.tenant == budget.tenant, DP_BUDGETS.c.data_set == budget.data_set)
    connection.execute(select(DP_BUDGETS.c.tenant).where(mine).with_for_update()).one()


def _alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE dp_budgets IN SHARE ROW EXCLUSIVE MODE"))
