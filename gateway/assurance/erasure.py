"""Erases a person, or a whole tenant: GDPR Art. 17, PIPL Art. 47. Keys are destroyed, so that copies of the rows say nothing
either.

Of a person go their own values and the content of every exchange in which they occur, which others wrote about them; the
record of who did what, and when, stays, and so does its proof. What was counted is written in the transaction that erased it:
an erasure that was cut short at any point is finished by running it again.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, Delete, delete, or_, select, update

from gateway.assurance.places import Erasable
from gateway.assurance.portions import paced, portion
from gateway.assurance.subjects import Subject, calls_of, keys_of
from gateway.audit.keeper import Part
from gateway.keys.destruction import destroy_data_keys, destroy_tenant_key, scrub
from gateway.keys.keyring import Keyring
from gateway.moments import written
from gateway.store.database import Database
from gateway.store.tables.assurance import ERASURES
from gateway.store.tables.content import DATA_KEYS, KEPT, SUBJECTS

_BATCH = 200
_ROWS = 1_000
"""Of rows that are small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure did, so far: `tags` is empty where it was a whole tenant. `elsewhere` counts things in other places."""

    id: str
    tenant: str
    tags: str
    asked_by: str
    begun_at: str
    exchanges: int
    data_keys: int
    elsewhere: int


Progress = Callable[[int], None]
"""Told how many exchanges more are done."""


def _silent(_: int) -> None:
    """Where nobody watches."""


class Eraser:
    """Every method raises AuditUnavailable where the database cannot be used, and what a place raises that cannot erase."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        places: Sequence[Erasable] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._places = places
        self._clock = clock

    async def erase(self, whom: Subject, asked_by: str, progress: Progress = _silent) -> Erased:
        """Erase a person. An erasure of the same person that was not finished goes on."""
        erasure = await asyncio.to_thread(self._begun, whom.tenant, whom.written, asked_by)
        while done := await asyncio.to_thread(paced, partial(self._step, erasure, whom)):
            progress(done)
        return await self._elsewhere(erasure, whom.tenant, whom.tags)

    async def erase_tenant(self, tenant: str, asked_by: str) -> Erased:
        """Erase all that is kept of a tenant. Its key goes first, and with it whatever could be read; then the rows go, by the
        piece. Nothing of it can be kept again under this name.
        """
        erasure = await asyncio.to_thread(self._begun, tenant, "", asked_by)
        await asyncio.to_thread(self._keyring.forget, tenant)
        await asyncio.to_thread(self._whole, erasure, tenant)
        return await self._elsewhere(erasure, tenant, None)

    def finish(self, erasure: Erased, certificate: str) -> None:
        """The certificate is kept; from then on an erasure of the same person is a new one."""
        done = {"finished_at": written(self._clock()), "certificate": certificate}
        with self._database.writing() as connection:
            connection.execute(update(ERASURES).where(ERASURES.c.id == erasure.id).values(**done))

    async def _elsewhere(self, erasure: Erased, tenant: str, tags: frozenset[bytes] | None) -> Erased:
        count = 0
        for place in self._places:
            count += await place.erase(tenant, tags)
        with self._database.writing() as connection:
            _add(connection, erasure.id, elsewhere=count)
        await asyncio.to_thread(scrub, self._database)
        with self._database.reading() as connection:
            return _erasure(connection, ERASURES.c.id == erasure.id)

    def _begun(self, tenant: str, tags: str, asked_by: str) -> Erased:
        """A tenant's key goes with the news that it is erased: whoever reads of it and asks for the key again gets none."""
        same = (ERASURES.c.tenant == tenant, ERASURES.c.tags == tags, ERASURES.c.finished_at.is_(None))
        fresh = {"id": f"er_{secrets.token_hex(8)}", "tenant": tenant, "tags": tags, "asked_by": asked_by}
        with self._database.writing() as connection:
            if connection.execute(select(ERASURES.c.id).where(*same)).first() is None:
                connection.execute(ERASURES.insert().values(**fresh, begun_at=written(self._clock())))
            if not tags:
                destroy_tenant_key(connection, tenant, written(self._clock()))
            return _erasure(connection, *same)

    def _step(self, erasure: Erased, whom: Subject) -> int:
        """Erase some exchanges in one transaction; how many they were."""
        with self._database.writing() as connection:
            calls = portion(connection, calls_of(connection, whom, "", _BATCH))
            if calls:
                own = {key for keys in keys_of(connection, whom, calls).values() for key in keys}
                keys = own | set(_content_keys(connection, calls))
                destroyed = destroy_data_keys(connection, keys, written(self._clock()))
                connection.execute(delete(KEPT).where(KEPT.c.call_id.in_(calls), KEPT.c.key_id.in_(keys)))
                connection.execute(_leads(whom, calls))
                _add(connection, erasure.id, exchanges=len(calls), data_keys=destroyed)
        return len(calls)

    def _whole(self, erasure: Erased, tenant: str) -> None:
        """All rows that its key opened; there may be more than one transaction can take."""
        for step in (self._content, self._tags, self._data_keys):
            while paced(partial(step, erasure, tenant)):
                pass

    def _content(self, erasure: Erased, tenant: str) -> int:
        with self._database.writing() as connection:
            oldest = select(KEPT.c.call_id).where(KEPT.c.tenant == tenant).order_by(KEPT.c.at).limit(_BATCH)
            calls = portion(connection, connection.execute(oldest).scalars().all())
            those = KEPT.c.call_id.in_(calls)  # with the tenant beside it, SQLite would go through all that the tenant has
            destroyed = destroy_data_keys(connection, select(KEPT.c.key_id).where(those), written(self._clock()))
            connection.execute(delete(KEPT).where(those))
            _add(connection, erasure.id, exchanges=len(calls), data_keys=destroyed)
        return len(calls)

    def _tags(self, _: Erased, tenant: str) -> int:
        with self._database.writing() as connection:
            some = select(SUBJECTS.c.call_id).where(SUBJECTS.c.tenant == tenant).limit(_ROWS)
            calls = set(connection.execute(some).scalars())
            return connection.execute(delete(SUBJECTS).where(SUBJECTS.c.call_id.in_(calls))).rowcount

    def _data_keys(self, erasure: Erased, tenant: str) -> int:
        """Those of other places, such as the vault. They are looked for beside the transaction: it may take a while."""
        alive = (DATA_KEYS.c.tenant == tenant) & DATA_KEYS.c.wrapped.is_not(None)
        with self._database.reading() as connection:
            keys = connection.execute(select(DATA_KEYS.c.id).where(alive).limit(_ROWS)).scalars().all()
        with self._database.writing() as connection:
            destroyed = destroy_data_keys(connection, keys, written(self._clock()))
            _add(connection, erasure.id, data_keys=destroyed)
        return len(keys)


def _content_keys(connection: Connection, calls: Sequence[str]) -> Sequence[str]:
    content = select(KEPT.c.key_id).distinct().where(KEPT.c.call_id.in_(calls), KEPT.c.part != Part.ORIGINAL.value)
    return connection.execute(content).scalars().all()


def _leads(whom: Subject, calls: Sequence[str]) -> Delete:
    """The person's tags, and those of others that lead to nothing any more. Who has originals of their own there is still
    found. An exchange has one tenant, which need not be named: SQLite would go through all that it has.
    """
    gone = or_(SUBJECTS.c.tag.in_(sorted(whom.tags)), SUBJECTS.c.key_id == "")
    return delete(SUBJECTS).where(SUBJECTS.c.call_id.in_(calls), gone)


def _add(connection: Connection, erasure_id: str, **counts: int) -> None:
    more = {name: ERASURES.c[name] + count for name, count in counts.items()}
    connection.execute(update(ERASURES).where(ERASURES.c.id == erasure_id).values(**more))


def _erasure(connection: Connection, *which: ColumnElement[bool]) -> Erased:
    columns = [ERASURES.c[one.name] for one in fields(Erased)]
    oldest = select(*columns).where(*which).order_by(ERASURES.c.begun_at).limit(1)
    return Erased(**connection.execute(oldest).mappings().one())
