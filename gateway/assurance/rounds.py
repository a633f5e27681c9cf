"""Work that is done now and then by one of several gateways: whoever comes first claims the round."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from gateway.keys.rows import insert_once
from gateway.moments import written
from gateway.store.database import Database
from gateway.store.tables.assurance import ROUNDS


def claim(database: Database, name: str, every: timedelta, now: datetime) -> bool:
    """Whether this round is the caller's: the last one began at least `every` ago. Raises AuditUnavailable.

    A gateway that dies in its round leaves the work to the next one.
    """
    due = (ROUNDS.c.name == name) & (ROUNDS.c.begun_at <= written(now - every))
    with database.writing() as connection:
        if insert_once(connection, ROUNDS, {"name": name, "begun_at": written(now)}):
            return True
        return connection.execute(update(ROUNDS).where(due).values(begun_at=written(now))).rowcount == 1
