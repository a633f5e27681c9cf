"""A new master key: tenants' keys are wrapped anew, one by one, while gateways go on. Content and data keys stay as they are.

Whatever stops it, the older master key is forgotten only when nothing hangs on it: running it again finishes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update

from gateway.errors import ProtectionUnavailable
from gateway.keys.master import MasterKey
from gateway.keys.rows import tenant_context, wait_for_others
from gateway.store.database import Database
from gateway.store.tables.content import TENANT_KEYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Wraps:
    """How tenants' keys are wrapped: `older` by another master key than `name`; `destroyed` tenants have none."""

    name: str
    tenants: int
    older: int
    destroyed: int


def status(database: Database, master: MasterKey) -> Wraps:
    """Raises ProtectionUnavailable."""
    with database.reading() as connection:
        wraps = connection.execute(select(TENANT_KEYS.c.wrapped)).scalars().all()
    mark, kept = master.mark(), [bytes(wrap) for wrap in wraps if wrap is not None]
    older = sum(not wrap.startswith(mark) for wrap in kept)
    return Wraps(name=master.name, tenants=len(kept), older=older, destroyed=len(wraps) - len(kept))


def rotate(database: Database, master: MasterKey) -> int:
    """Put a new master key in charge, or finish doing so; how many keys were wrapped anew. Raises ProtectionUnavailable."""
    _renew(database, master)
    count = 0
    while True:
        mark = master.mark()  # anew: somebody else may have put another key in charge meanwhile
        for tenant, wrapped in _stale(database, mark):
            count += _rewrapped(database, master, tenant, wrapped)
        if _settled(database, master, mark):
            return count


def _renew(database: Database, master: MasterKey) -> None:
    """One at a time: of two new keys that replace the same old one, the second would be written over the first."""
    with database.writing() as connection:
        wait_for_others(connection)
        master.renew()


def _stale(database: Database, mark: bytes) -> list[tuple[str, bytes]]:
    with database.reading() as connection:
        rows = connection.execute(select(TENANT_KEYS.c.tenant, TENANT_KEYS.c.wrapped).order_by(TENANT_KEYS.c.tenant))
        return [(row.tenant, bytes(row.wrapped)) for row in rows if row.wrapped and not row.wrapped.startswith(mark)]


def _rewrapped(database: Database, master: MasterKey, tenant: str, wrapped: bytes) -> int:
    """Not where the row is another by now: its tenant was erased, or somebody else wrapped it."""
    context = tenant_context(tenant)
    unchanged = (TENANT_KEYS.c.tenant == tenant) & (TENANT_KEYS.c.wrapped == wrapped)
    try:
        anew = master.wrap(master.unwrap(wrapped, context), context)
    except ProtectionUnavailable:  # the key that wrapped it may be forgotten by now
        if _exists(database, unchanged):
            raise
        return 0
    with database.writing() as connection:
        return connection.execute(update(TENANT_KEYS).where(unchanged).values(wrapped=anew)).rowcount


def _exists(database: Database, which: ColumnElement[bool]) -> bool:
    with database.reading() as connection:
        return connection.execute(select(TENANT_KEYS.c.tenant).where(which)).first() is not None


def _settled(database: Database, master: MasterKey, mark: bytes) -> bool:
    """Forget the older keys, unless a gateway has just used one: while this looks, none can. Nor where the next rotation has
    begun: `settle` would keep that one's key alone, and nothing hangs on it yet.
    """
    with database.writing() as connection:
        wait_for_others(connection)
        wraps = connection.execute(select(TENANT_KEYS.c.wrapped).where(TENANT_KEYS.c.wrapped.is_not(None))).scalars()
        done = master.mark() == mark and all(bytes(wrap).startswith(mark) for wrap in wraps)
        if done:
            master.settle()
    return done
