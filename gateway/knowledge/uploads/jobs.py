"""What is still to be done with uploaded files and with documents of older gateways. A job is taken up by one gateway; one that
stopped meanwhile loses it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Table, func, select, union_all, update

from gateway.knowledge.shelves import read_labels
from gateway.knowledge.uploads.shapes import FileStatus, Status, is_over
from gateway.moments import written
from gateway.store.tables.knowledge import DOCUMENTS, FILES, STORE_FILES, STORES

LEASE = timedelta(minutes=10)
"""So long a job is left to a gateway that says nothing more of it."""
SHORT = 64 * 1024
"""Bytes of a file that takes a minute or so, and not an hour."""


@dataclass(frozen=True, slots=True)
class ToScan:
    """Find out whom a file mentions."""

    tenant: str
    file: str


@dataclass(frozen=True, slots=True)
class ToShelve:
    """Read a file into a store."""

    tenant: str
    file: str
    store: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class ToSeek:
    """Find out whom a document names in clear that an older gateway put into the base."""

    tenant: str
    document: str


Job: TypeAlias = ToScan | ToShelve | ToSeek


def is_idle(connection: Connection, now: datetime, *, short: bool = False) -> bool:
    """Whether nothing waits; asked first, since whoever takes up a job writes. `short` as for `take_up`."""
    waiting = [
        select(STORE_FILES.c.file).where(_to_be_shelved(now, short)),
        select(FILES.c.id).where(_to_be_scanned(now, short)),
    ]
    waiting += [] if short else [select(DOCUMENTS.c.id).where(_unsought(now))]
    return not any(connection.execute(query.limit(1)).first() for query in waiting)


def take_up(connection: Connection, now: datetime, after: str = "", *, short: bool = False) -> Job | None:
    """A job that nobody does, of the tenant whose turn it is: the next, by name, behind the one that had the last turn, so that
    a thousand files of one tenant hold up no other by more than one.

    Of a tenant's jobs the oldest; what was tried in vain waits for all others. Vector stores go first, since somebody waits for
    them. What an older gateway left is looked through when nothing else waits. With `short` only files of that size.
    """
    for tenant in _in_turn(connection, now, after, short):
        job = _to_shelve(connection, now, tenant, short) or _to_scan(connection, now, tenant, short)
        if job is not None:  # else another gateway was quicker
            return job
    return None if short else _to_seek(connection, now)


def _in_turn(connection: Connection, now: datetime, after: str, short: bool) -> Sequence[str]:
    """The tenants for whom something waits, the one whose turn it is first."""
    to_shelve = select(STORE_FILES.c.tenant).where(_to_be_shelved(now, short))
    tenant = union_all(to_shelve, select(FILES.c.tenant).where(_to_be_scanned(now, short))).subquery().c.tenant
    return connection.execute(select(tenant).group_by(tenant).order_by(tenant <= after, tenant)).scalars().all()


def _to_be_shelved(now: datetime, short: bool) -> ColumnElement[bool]:
    waits = _free(STORE_FILES, now) & (STORE_FILES.c.status == Status.IN_PROGRESS)
    is_short = select(FILES.c.id).where(FILES.c.id == STORE_FILES.c.file, FILES.c.bytes <= SHORT).exists()
    return waits & is_short if short else waits


def _to_be_scanned(now: datetime, short: bool) -> ColumnElement[bool]:
    waits = _free(FILES, now) & (FILES.c.status == FileStatus.UPLOADED)
    return waits & (FILES.c.bytes <= SHORT) if short else waits


def _to_shelve(connection: Connection, now: datetime, tenant: str, short: bool) -> ToShelve | None:
    columns = select(STORE_FILES.c.store, STORE_FILES.c.file, STORE_FILES.c.tenant, STORES.c.labels).join(
        STORES, STORES.c.id == STORE_FILES.c.store
    )
    free = _to_be_shelved(now, short) & (STORE_FILES.c.tenant == tenant)
    row = connection.execute(columns.where(free).order_by(*_turn(STORE_FILES)).limit(1)).first()
    if row is None:
        return None
    this = (STORE_FILES.c.store == row.store, STORE_FILES.c.file == row.file, free)
    taken = connection.execute(update(STORE_FILES).where(*this).values(claimed_at=written(now))).rowcount
    return ToShelve(row.tenant, row.file, row.store, read_labels(row.labels)) if taken else None


def _to_scan(connection: Connection, now: datetime, tenant: str, short: bool) -> ToScan | None:
    free = _to_be_scanned(now, short) & (FILES.c.tenant == tenant)
    row = connection.execute(select(FILES.c.id, FILES.c.tenant).where(free).order_by(*_turn(FILES)).limit(1)).first()
    if row is None:
        return None
    taken = connection.execute(update(FILES).where(FILES.c.id == row.id, free).values(claimed_at=written(now))).rowcount
    return ToScan(row.tenant, row.id) if taken else None


def _to_seek(connection: Connection, now: datetime) -> ToSeek | None:
    """Any: they are all as old as the upgrade, and there may be too many to sort them for each."""
    free = _unsought(now)
    columns = select(DOCUMENTS.c.id, DOCUMENTS.c.tenant).where(free)
    row = connection.execute(columns.order_by(DOCUMENTS.c.unsought).limit(1)).first()
    if row is None:
        return None
    this = update(DOCUMENTS).where(DOCUMENTS.c.id == row.id, free)
    return ToSeek(row.tenant, row.id) if connection.execute(this.values(unsought=written(now))).rowcount else None


def hold(connection: Connection, job: Job, now: datetime) -> None:
    """Whoever took a job up is still at it. Where it was ended or taken back, nothing is held."""
    at = written(now)
    match job:
        case ToShelve():
            waits = _of(job) & (STORE_FILES.c.status == Status.IN_PROGRESS) & STORE_FILES.c.claimed_at.is_not(None)
            connection.execute(update(STORE_FILES).where(waits).values(claimed_at=at))
        case ToScan():
            scanned = (FILES.c.id == job.file) & (FILES.c.status == FileStatus.UPLOADED)
            connection.execute(update(FILES).where(scanned).values(claimed_at=at))
        case ToSeek():
            sought = (DOCUMENTS.c.id == job.document) & DOCUMENTS.c.unsought.is_not(None)
            connection.execute(update(DOCUMENTS).where(sought).values(unsought=at))


def completed(connection: Connection, job: ToShelve, document: str, size: int) -> bool:
    """False where the file was taken out of the store meanwhile. Where another gateway had the same job, and ended it first,
    this document stands in place of the other's.
    """
    return _ended(connection, job, set(Status) - {Status.CANCELLED}, status=Status.COMPLETED, document=document, bytes=size)


def failed(connection: Connection, job: ToShelve, reason: str | None) -> bool:
    return _ended(connection, job, {Status.IN_PROGRESS}, status=Status.FAILED, error=reason)


def has_due_files(connection: Connection, now: datetime) -> bool:
    return connection.execute(select(FILES.c.id).where(is_due(now)).limit(1)).first() is not None


def is_due(now: datetime) -> ColumnElement[bool]:
    """Of a file: that its time is over."""
    return FILES.c.expires_at <= written(now)


def due_stores(connection: Connection, now: datetime) -> list[tuple[str, str]]:
    """Tenant and id of vector stores whose time is over, and that hold something, if only words."""
    files = select(STORE_FILES.c.store).where(STORE_FILES.c.store == STORES.c.id).exists()
    documents = (
        select(DOCUMENTS.c.id).where(DOCUMENTS.c.tenant == STORES.c.tenant, DOCUMENTS.c.collection == STORES.c.id).exists()
    )
    held = files | documents | (func.length(STORES.c.sealed) > 0)
    limited = select(STORES.c.tenant, STORES.c.id, STORES.c.days, STORES.c.active_at).where(STORES.c.days.is_not(None), held)
    return [(tenant, store) for tenant, store, days, active in connection.execute(limited) if is_over(days, active, now)]


def _ended(connection: Connection, job: ToShelve, before: Collection[Status], **what: object) -> bool:
    this = _of(job) & STORE_FILES.c.status.in_(before)
    return bool(connection.execute(update(STORE_FILES).where(this).values(claimed_at=None, **what)).rowcount)


def _of(job: ToShelve) -> ColumnElement[bool]:
    return (STORE_FILES.c.store == job.store) & (STORE_FILES.c.file == job.file)


def _turn(table: Table) -> tuple[ColumnElement[str], ColumnElement[str]]:
    return func.coalesce(table.c.claimed_at, ""), table.c.made_at


def _unsought(now: datetime) -> ColumnElement[bool]:
    return DOCUMENTS.c.unsought <= written(now - LEASE)


def _free(table: Table, now: datetime) -> ColumnElement[bool]:
    return func.coalesce(table.c.claimed_at, "") <= written(now - LEASE)
