"""Keeps SQLite's WAL short while a gateway runs.

When it has grown long, SQLite has whoever commits move it into the file. That would be the record, with an exchange waiting
for it; so it is done here, beside the exchanges. And not sooner than it pays: the next commit begins the WAL anew, which takes
one more sync of the disk, and a request now and then would pay for it each time.
"""

from __future__ import annotations

import asyncio

from gateway.in_step import next_look
from gateway.store.database import Database


async def merge_often(database: Database, *, every_s: float = 2.0) -> None:
    """Until it is cancelled, where the database is a file; whoever waits for its end finds the file let go of.

    Raises AuditUnavailable.
    """
    seen: tuple[int, ...] | None = None
    while database.path is not None:
        await next_look(every_s)
        if not database.is_to_be_merged():
            continue
        version = database.version()
        if version is None or version != seen:
            await _merged(database)
            seen = version


async def _merged(database: Database) -> None:
    merging = asyncio.ensure_future(asyncio.to_thread(database.merge))
    try:
        await asyncio.shield(merging)
    finally:
        await asyncio.wait({merging})  # a thread cannot be cancelled
