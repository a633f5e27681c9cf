"""Erases content whose time is over, by the policy as it was when the exchange was recorded. The record itself stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Select, delete, func, or_, select

from gateway.assurance.portions import paced, portion
from gateway.keys.destruction import destroy_data_keys, scrub
from gateway.moments import written
from gateway.store.database import Database
from gateway.store.tables.content import KEPT, SUBJECTS

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Retired:
    """What a run erased."""

    exchanges: int = 0
    data_keys: int = 0

    def __str__(self) -> str:
        return f"{self.exchanges} exchanges, {self.data_keys} data keys"

    def __add__(self, other: Retired) -> Retired:
        return Retired(self.exchanges + other.exchanges, self.data_keys + other.data_keys)


def due(database: Database, now: datetime) -> int:
    """Of how many exchanges the content is to be erased now. Raises AuditUnavailable."""
    with database.reading() as connection:
        over = select(func.count(KEPT.c.call_id.distinct())).where(KEPT.c.expires_at <= written(now))
        return int(connection.execute(over).scalar_one())


def retire(database: Database, now: datetime, progress: Callable[[int], object] = lambda _: None) -> Retired:
    """Erase it, some exchanges in each transaction: whatever stops it, the next run goes on. It always cleans up behind itself:
    an earlier run may have failed at that.

    Raises AuditUnavailable, and ProtectionUnavailable where it cannot be cleaned up behind it.
    """
    retired = Retired()
    while (step := paced(partial(_step, database, written(now)))).exchanges:
        retired += step
        progress(step.exchanges)
    scrub(database)
    return retired


def _step(database: Database, now: str) -> Retired:
    over = KEPT.c.expires_at <= now
    with database.writing() as connection:
        oldest = select(KEPT.c.call_id).where(over).order_by(KEPT.c.expires_at).limit(_BATCH)
        calls = portion(connection, connection.execute(oldest).scalars().all())
        if not calls:
            return Retired()
        those = over & KEPT.c.call_id.in_(calls)
        keys = select(KEPT.c.key_id).where(those)  # never as a list: of people in long texts there are more than parameters
        destroyed = destroy_data_keys(connection, keys, now)
        _forget_subjects(connection, calls, keys)
        connection.execute(delete(KEPT).where(those))
    return Retired(len(calls), destroyed)


def _forget_subjects(connection: Connection, calls: Sequence[str], keys: Select[str]) -> None:
    """Tags lead to content: they go with it."""
    gone = or_(SUBJECTS.c.key_id == "", SUBJECTS.c.key_id.in_(keys))
    connection.execute(delete(SUBJECTS).where(SUBJECTS.c.call_id.in_(calls), gone))
