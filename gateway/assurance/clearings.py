"""Clearings of the cache that another process carries out, such as a command: what this one holds goes within a second.

The act on the record is the message. Where answers are on Redis they are cleared there for all, and nothing need be followed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import orjson
from sqlalchemy import func, literal_column, select

from gateway.audit.act import Action, ActOutcome
from gateway.in_step import next_look
from gateway.moments import written
from gateway.store.database import Database
from gateway.store.tables.ledger import ENTRIES

OF_MODEL = "of a model"
OF_VERSION = "of a version of the policy"
"""What an act notes where it is not all of a tenant's answers that go; its target is the model, or the version."""

Clear = Callable[[str, str | None, str | None], Awaitable[int]]
"""Forgets the answers of a tenant, or those of one of its models or of one version of the policy; says how many there were."""

_Fields: TypeAlias = dict[str, Any]
"""Of an act, as it is written: a newer gateway or command may say more of it than this one knows."""

_EVERY_S = 1.0
_CLOCKS_DIFFER = timedelta(minutes=1)
_ENDED = frozenset({ActOutcome.DENIED, ActOutcome.FAILED})


class Clearings:
    """Needed where answers are in this process's memory."""

    def __init__(self, database: Database, clear: Clear, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._since = written(clock() - _CLOCKS_DIFFER)
        self._database = database
        self._clear = clear
        self._seen: int | None = None
        self._version: tuple[int, ...] | None = None

    async def follow(self) -> None:
        """Until it is cancelled. Raises what `obey` raises, and can be begun again."""
        while True:
            await self.obey()
            await next_look(_EVERY_S)

    async def obey(self) -> None:
        """Clear what acts entered since this was last called say; at first those since this was made, or a little before, as
        clocks differ: when a first reading succeeds, answers may be held already.

        An act is obeyed when it is intended and once more when it is done. Whatever is raised, nothing counts as obeyed: what
        cannot be read or cleared now is the next time.
        """
        version = self._database.version()  # before the rows: a later change is seen the next time
        if version is not None and version == self._version:
            return
        seen, acts = await asyncio.to_thread(self._entered)
        for act in acts:
            if act["outcome"] not in _ENDED and act.get("tenant") is not None:
                await self._clear(act["tenant"], _target(act, OF_MODEL), _target(act, OF_VERSION))
        self._seen, self._version = seen, version

    def _entered(self) -> tuple[int, list[_Fields]]:
        last = select(func.coalesce(func.max(ENTRIES.c.seq), 0))
        of_acts = ENTRIES.c.kind == literal_column("'act'")  # written out, so that SQLite uses the index of acts alone
        earlier = select(ENTRIES.c.seq).where(of_acts, ENTRIES.c.at < self._since).order_by(ENTRIES.c.seq.desc()).limit(1)
        with self._database.reading() as connection:
            now = int(connection.execute(last).scalar_one())
            seen = self._seen if self._seen is not None else connection.execute(earlier).scalar_one_or_none() or 0
            if now == seen:
                return now, []
            entered = select(ENTRIES.c.body).where(of_acts, ENTRIES.c.seq > seen, ENTRIES.c.seq <= now)
            named = entered.where(ENTRIES.c.body.contains(f'"{Action.CACHE_CLEAR}"')).order_by(ENTRIES.c.seq)
            acts: list[_Fields] = [orjson.loads(body) for (body,) in connection.execute(named)]
        return now, [act for act in acts if act["action"] == Action.CACHE_CLEAR]


def _target(act: _Fields, kind: str) -> str | None:
    return act.get("target") if act.get("note") == kind else None
