"""Erasures that another process carries out, such as a command: what this one holds in memory is erased within a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from sqlalchemy import or_, select

from gateway.caching.answers import Answers
from gateway.in_step import next_look
from gateway.moments import written
from gateway.store.database import Database
from gateway.store.tables.assurance import ERASURES

_EVERY_S = 1.0
_LOOKED_BACK = timedelta(hours=1)
"""Clocks of several machines may differ by so much."""


@dataclass(frozen=True, slots=True)
class _Step:
    """An erasure and when it was finished, if it was: it is obeyed when it begins and once more when it ends."""

    id: str
    finished_at: str | None
    tenant: str
    is_whole: bool


class Erasures:
    """`forget` lets go of the key of a tenant that is erased as a whole, so that nothing more is sealed under it."""

    def __init__(
        self,
        database: Database,
        answers: Answers,
        forget: Callable[[str], Awaitable[None]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._answers = answers
        self._forget = forget
        self._clock = clock
        self._read_at = clock()
        self._obeyed: frozenset[_Step] = frozenset()
        self._version: tuple[int, ...] | None = None

    async def follow(self) -> NoReturn:
        """Until it is cancelled. Raises what `obey` raises, and can be begun again."""
        while True:
            await self.obey()
            await next_look(_EVERY_S)

    async def obey(self) -> None:
        """Clear the tenants of whom somebody was erased since this was last called. Whatever is raised, nothing of that counts
        as obeyed: what cannot be read or cleared now is the next time.
        """
        version = self._database.version()  # before the rows: a later change is seen the next time
        if version is not None and version == self._version:
            return
        now = self._clock()
        latest = await asyncio.to_thread(self._latest)
        for tenant in {step.tenant for step in latest - self._obeyed if step.is_whole}:
            await self._forget(tenant)
        for tenant in {step.tenant for step in latest - self._obeyed}:
            await self._answers.clear(tenant)
        self._obeyed, self._version, self._read_at = latest, version, now

    def _latest(self) -> frozenset[_Step]:
        since = written(self._read_at - _LOOKED_BACK)  # however long ago that is: a database may have been away
        recent = or_(ERASURES.c.begun_at >= since, ERASURES.c.finished_at >= since)  # one may be resumed much later
        rows = select(ERASURES.c.id, ERASURES.c.finished_at, ERASURES.c.tenant, ERASURES.c.tags).where(recent)
        with self._database.reading() as connection:
            return frozenset(_Step(row.id, row.finished_at, row.tenant, not row.tags) for row in connection.execute(rows))
