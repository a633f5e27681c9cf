"""Reads the acts in the audit log, one row each, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import column, or_, select, table

from gateway.audit.act import Act, Action
from gateway.audit.log import Kind, Phase
from gateway.audit.rows import bodies_on_record
from gateway.store.database import Database
from gateway.store.tables.ledger import ENTRIES

_ACTS = table("acts", *map(column, ("seq", "at", "ended_at", "action", "tenant", "body")))
_NEWEST = select(_ACTS.c.seq, _ACTS.c.ended_at, _ACTS.c.body).order_by(_ACTS.c.seq.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRow:
    """`seq` orders the rows; `ended_at` (ISO 8601, UTC) is None for an act that has not ended."""

    seq: int
    ended_at: str | None
    act: Act


def read_acts(
    database: Database,
    *,
    limit: int,
    before: int | None = None,
    tenants: Iterable[str] | None = None,
    since: str | None = None,
    until: str | None = None,
) -> tuple[ActRow, ...]:
    """At most `limit` acts with a `seq` below `before`; with `tenants`, only acts in these, and none that is in no tenant;
    those that were entered at `since` or later and before `until` (ISO 8601, UTC).

    Raises AuditUnavailable when the log cannot be read, and ValueError for an act of another version.
    """
    query = _NEWEST.limit(limit)
    if before is not None:
        query = query.where(_ACTS.c.seq < before)
    if tenants is not None:
        query = query.where(_ACTS.c.tenant.in_(sorted(tenants)))
    if since is not None:
        query = query.where(_ACTS.c.at >= since)
    if until is not None:
        query = query.where(_ACTS.c.at < until)
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return tuple(ActRow(seq=seq, ended_at=ended_at, act=Act.from_json(body)) for seq, ended_at, body in rows)


def read_latest(database: Database, actions: Iterable[Action], *, among: int) -> Iterator[Act]:
    """Acts of these kinds that have ended, as far as they are among so many entries on acts, the newest, stand there as a
    gateway wrote them, and this version can read them; in any order. Raises AuditUnavailable.
    """
    newest = select(ENTRIES.c.seq, ENTRIES.c.phase, ENTRIES.c.body).where(ENTRIES.c.kind == Kind.ACT.value)
    ends = newest.order_by(ENTRIES.c.seq.desc()).limit(among).subquery().c
    named = or_(*(ends.body.contains(f'"action":"{action}"', autoescape=True) for action in sorted(actions)))
    for body in bodies_on_record(database, select(ends.seq).where(ends.phase == Phase.COMPLETED.value, named)):
        with suppress(ValueError):
            yield Act.from_json(body)


def read_all(database: Database, actions: Iterable[Action], *, page: int = 500) -> Iterator[Act]:
    """Every act of these kinds, oldest first, in pages of so many rows. Raises as `read_acts` does."""
    of = select(_ACTS.c.seq, _ACTS.c.body).where(_ACTS.c.action.in_(sorted(actions))).order_by(_ACTS.c.seq).limit(page)
    after = 0
    with database.reading() as connection:
        while rows := connection.execute(of.where(_ACTS.c.seq > after)).all():
            yield from (Act.from_json(body) for _, body in rows)
            after = rows[-1][0]
