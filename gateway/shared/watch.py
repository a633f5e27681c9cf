"""How Redis is: asked every second by a write, because one that is full or a mere copy answers to everything else."""

from __future__ import annotations

import asyncio
import logging
from enum import StrEnum

from redis.asyncio import Redis
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
)

from gateway.in_step import next_look
from gateway.shared.broadcast import TROUBLE
from gateway.shared.place import RedisPlace, close
from gateway.shared.together import together

_log = logging.getLogger(__name__)
_PROBE_LIVES_S = 10


class Standing(StrEnum):
    """What is said of Redis, in the log and to whoever asks for readiness."""

    UNKNOWN = "not asked yet"
    WELL = "ok"
    SILENT = "it does not answer"
    LOCKED = "it refuses this gateway's user, password or rights"
    FULL = "it takes no writes: its memory is full"
    COPY = "it takes no writes: it is a replica"


class Watch:
    """One line in the log for each change. The gateway does not depend on this: each use notices trouble by itself."""

    def __init__(self, place: RedisPlace, *, every_s: float = 1.0, patience_s: float = 1.0) -> None:
        self._place = place
        self._every_s = every_s
        self._patience_s = patience_s
        self.standing = Standing.UNKNOWN

    async def follow(self) -> None:
        """Until cancelled."""
        client = self._place.client(self._patience_s)
        try:
            await together(self._ask_on(client))
        finally:
            await close(client)

    async def _ask_on(self, client: Redis) -> None:
        while True:
            self._note(await self._asked(client))
            await next_look(self._every_s)

    async def _asked(self, client: Redis) -> Standing:
        try:
            async with asyncio.timeout(self._patience_s):
                await client.set(f"{self._place.prefix}:probe", b"", ex=_PROBE_LIVES_S)
        except TROUBLE as error:
            return standing_of(error)
        return Standing.WELL

    def _note(self, standing: Standing) -> None:
        if standing is self.standing:
            return
        self.standing = standing
        _log.log(logging.INFO if standing is Standing.WELL else logging.WARNING, "Redis: %s", standing)


def standing_of(error: BaseException) -> Standing:
    if isinstance(error, AuthenticationError | AuthorizationError | NoPermissionError):
        return Standing.LOCKED
    if isinstance(error, OutOfMemoryError):
        return Standing.FULL
    return Standing.COPY if isinstance(error, ReadOnlyError) else Standing.SILENT
