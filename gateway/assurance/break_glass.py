"""Requests to see originals, as they lie in the database. The rules are in `grant`; acts are entered by whoever calls this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update

from gateway.assurance import grant as rules
from gateway.assurance.exchanges import record_of_call
from gateway.assurance.grant import Grant
from gateway.audit.act import Act, Action, new_act
from gateway.audit.keeper import Part
from gateway.errors import InvalidRequest, NotPermitted
from gateway.identity.people import Person
from gateway.moments import read, written
from gateway.store.database import Database
from gateway.store.tables.content import KEPT
from gateway.store.tables.grants import GRANTS

_MOMENTS = ("asked_at", "given_at", "ends_at")
_MOST = 500


class BreakGlass:
    """Every method raises AuditUnavailable where the database cannot be used, and NotPermitted where a person may not."""

    def __init__(self, database: Database, minutes: int, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """`minutes`: how long originals may be seen, from when another officer agreed."""
        self._database = database
        self._minutes = minutes
        self._clock = clock

    def tenant_of(self, call_id: str, officer: Person) -> str:
        """Whose exchange it is. Raises NotPermitted for one that is not there, or not the officer's to see."""
        with self._database.reading() as connection:
            record = record_of_call(connection, call_id)
        if record is None or record.tenant is None or not officer.may_see(record.tenant):
            raise rules.not_yours()
        return record.tenant

    def ask(self, officer: Person, call_id: str, reason: str) -> Grant:
        """Raises InvalidRequest too: for a reason that says nothing, and where no originals are kept."""
        grant = rules.ask(officer, self.tenant_of(call_id, officer), call_id, reason, self._clock())
        count = select(func.count()).where(KEPT.c.call_id == call_id, KEPT.c.part == Part.ORIGINAL.value)
        with self._database.writing() as connection:
            if not connection.execute(count).scalar_one():
                raise InvalidRequest("No originals are kept of this exchange: there is nothing to see.", param="call_id")
            connection.execute(GRANTS.insert().values(**_row(grant)))
        return grant

    def give(self, grant_id: str, officer: Person) -> Grant:
        """From now on the one who asked may see. Raises NotPermitted."""
        return self._decide(rules.give(self.find(grant_id, officer), officer, self._clock(), self._minutes))

    def refuse(self, grant_id: str, officer: Person) -> Grant:
        return self._decide(rules.refuse(self.find(grant_id, officer), officer, self._clock()))

    def find(self, grant_id: str, person: Person) -> Grant:
        """Raises NotPermitted for one that is not there or is in a tenant that is not the person's."""
        with self._database.reading() as connection:
            row = connection.execute(select(GRANTS).where(GRANTS.c.id == grant_id)).mappings().first()
        if row is None or not person.may_see(row["tenant"]):
            raise rules.not_yours()
        return _grant(row)

    def list(self, person: Person, *, call_id: str | None = None, limit: int = 100) -> tuple[Grant, ...]:
        """Those in the person's tenants, newest first."""
        query = select(GRANTS).order_by(GRANTS.c.asked_at.desc(), GRANTS.c.id).limit(min(limit, _MOST))
        if person.tenants is not None:
            query = query.where(GRANTS.c.tenant.in_(sorted(person.tenants)))
        if call_id is not None:
            query = query.where(GRANTS.c.call_id == call_id)
        with self._database.reading() as connection:
            return tuple(map(_grant, connection.execute(query).mappings()))

    def granted(self, call_id: str, officer: Person) -> Grant | None:
        """What lets this officer see the originals of this call now, if anything does."""
        now = self._clock()
        return next((one for one in self.list(officer, call_id=call_id, limit=_MOST) if one.opens_for(officer, now)), None)

    def _decide(self, grant: Grant) -> Grant:
        """Unless somebody else has answered meanwhile."""
        waiting = (GRANTS.c.id == grant.id) & GRANTS.c.given_by.is_(None) & GRANTS.c.refused_by.is_(None)
        with self._database.writing() as connection:
            decided = connection.execute(update(GRANTS).where(waiting).values(**_row(grant))).rowcount
        if not decided:
            raise NotPermitted("This request was answered by somebody else at the same moment.")
        return grant


def act_of(action: Action, officer: Person, grant: Grant) -> Act:
    """The act of doing this with a request, about to be tried."""
    return new_act(
        action,
        actor=officer.id,
        key_id=officer.key_id,
        tenant=grant.tenant,
        target=grant.call_id,
        result=grant.id,
        note=grant.reason,
    )


def _row(grant: Grant) -> dict[str, Any]:
    fields = asdict(grant)
    return fields | {name: None if fields[name] is None else written(fields[name]) for name in _MOMENTS}


def _grant(row: Mapping[str, Any] | Any) -> Grant:
    fields = dict(row)
    return Grant(**fields | {name: None if fields[name] is None else read(fields[name]) for name in _MOMENTS})
