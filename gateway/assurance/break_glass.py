"""Requests to see originals, as they lie in the database. The rules are in `grant`; acts are entered by whoever calls this.

Each is sealed under the tenant's key when it is asked, and again when leave is given: an officer who can write to the database,
and has no keys, could else agree to what they asked for, or have another officer agree to something else than they were shown.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson
from sqlalchemy import func, select, update

from gateway.assurance import grant as rules
from gateway.assurance.exchanges import record_of_call
from gateway.assurance.grant import Grant
from gateway.audit.act import Act, Action, new_act
from gateway.audit.keeper import Part
from gateway.errors import InvalidRequest, KeyDestroyed, NotPermitted
from gateway.identity.people import Person
from gateway.keys.data_key import TenantKey
from gateway.moments import read, written
from gateway.store.database import Database
from gateway.store.tables.content import KEPT
from gateway.store.tables.grants import GRANTS

_MOMENTS = ("asked_at", "given_at", "ends_at")
_FIELDS = tuple(field.name for field in fields(Grant))
_MOST = 500
_PURPOSE = "break-glass"


class Keys(Protocol):
    """Where tenants' keys are had: a `Keyring`."""

    def tenant(self, tenant: str) -> TenantKey:
        """Raises KeyDestroyed for a tenant that was erased, and ProtectionUnavailable."""


class BreakGlass:
    """Every method raises AuditUnavailable where the database cannot be used, NotPermitted where a person may not, and but for
    `tenant_of` ProtectionUnavailable where the tenant's key cannot be had. A request that waits and is not as it was asked is
    not there.
    """

    def __init__(
        self, database: Database, keys: Keys, minutes: int, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """`minutes`: how long originals may be seen, from when another officer agreed."""
        self._database = database
        self._keys = keys
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
            connection.execute(GRANTS.insert().values(**_row(grant), seal=self._seal(grant)))
        return grant

    def give(self, grant_id: str, officer: Person) -> Grant:
        """From now on the one who asked may see. Raises NotPermitted."""
        given = rules.give(self.find(grant_id, officer), officer, self._clock(), self._minutes)
        return self._decide(given, self._seal(given))

    def refuse(self, grant_id: str, officer: Person) -> Grant:
        return self._decide(rules.refuse(self.find(grant_id, officer), officer, self._clock()))

    def find(self, grant_id: str, person: Person) -> Grant:
        """Raises NotPermitted for one that is not there or is in a tenant that is not the person's."""
        with self._database.reading() as connection:
            row = connection.execute(select(GRANTS).where(GRANTS.c.id == grant_id)).mappings().first()
        if row is None or not person.may_see(row["tenant"]):
            raise rules.not_yours()
        grant = _grant(row)
        if not self._as_asked(grant, bytes(row["seal"] or b"")):
            raise rules.not_yours()
        return grant

    def list(self, person: Person, *, call_id: str | None = None, limit: int = 100) -> tuple[Grant, ...]:
        """Those in the person's tenants, newest first."""
        listed = self._listed(person, call_id, min(limit, _MOST))
        return tuple(grant for grant, seal in listed if self._as_asked(grant, seal))

    def granted(self, call_id: str, officer: Person) -> Grant | None:
        """What lets this officer see the originals of this call now, if anything does."""
        now = self._clock()
        for grant, seal in self._listed(officer, call_id, _MOST):
            if grant.opens_for(officer, now) and self._holds(grant, seal):
                return grant
        return None

    def _listed(self, person: Person, call_id: str | None, limit: int) -> Iterator[tuple[Grant, bytes]]:
        query = select(GRANTS).order_by(GRANTS.c.asked_at.desc(), GRANTS.c.id).limit(limit)
        if person.tenants is not None:
            query = query.where(GRANTS.c.tenant.in_(sorted(person.tenants)))
        if call_id is not None:
            query = query.where(GRANTS.c.call_id == call_id)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return ((_grant(row), bytes(row["seal"] or b"")) for row in rows)

    def _seal(self, grant: Grant) -> bytes:
        key = self._keys.tenant(grant.tenant).sub_key(_PURPOSE)
        return hmac.digest(key, orjson.dumps(_row(grant), option=orjson.OPT_SORT_KEYS), "sha256")

    def _holds(self, grant: Grant, seal: bytes) -> bool:
        """Whether this was asked, or given, here as it stands."""
        try:
            return hmac.compare_digest(self._seal(grant), seal)
        except KeyDestroyed:
            return False

    def _as_asked(self, grant: Grant, seal: bytes) -> bool:
        """What was answered, or has lapsed, is history: nobody can answer it any more."""
        return grant.state(self._clock()) is not rules.State.WAITING or self._holds(grant, seal)

    def _decide(self, grant: Grant, seal: bytes | None = None) -> Grant:
        """Unless somebody else has answered meanwhile."""
        waiting = (GRANTS.c.id == grant.id) & GRANTS.c.given_by.is_(None) & GRANTS.c.refused_by.is_(None)
        with self._database.writing() as connection:
            decided = connection.execute(update(GRANTS).where(waiting).values(**_row(grant), seal=seal)).rowcount
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
    said = asdict(grant)
    return said | {name: None if said[name] is None else written(said[name]) for name in _MOMENTS}


def _grant(row: Mapping[str, Any] | Any) -> Grant:
    said = {name: row[name] for name in _FIELDS}
    return Grant(**said | {name: None if said[name] is None else read(said[name]) for name in _MOMENTS})
