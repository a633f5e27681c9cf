"""Is the caller still welcome? A long answer goes on for minutes, and its key may be revoked meanwhile.

The caller is asked about beside the stream, once a second while events come, and hardly anything is done for each of them.
Where nobody can tell, a stream that was let in goes on. What has only expired ends no answer that was begun in time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from time import monotonic
from typing import Protocol

from gateway.errors import ProtectionUnavailable, Unauthenticated
from gateway.exchange import Body, Exchange, Principal, Reply
from gateway.pipeline import Proceed

_EVERY_S = 1.0


class Authenticator(Protocol):
    async def still(self, who: Principal) -> None:
        """Raises Unauthenticated for a caller who is welcome no more, ProtectionUnavailable when it cannot be told."""


class Watch:
    """Lies inside of `authenticate`, around what answers."""

    def __init__(self, authenticator: Authenticator, clock: Callable[[], float] = monotonic) -> None:
        self._authenticator = authenticator
        self._clock = clock

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        reply, who = await proceed(exchange), exchange.principal
        if who is None or not reply.streaming:
            return reply
        return reply.through(lambda body: self._watched(body, who))

    async def _watched(self, body: Body, who: Principal) -> Body:
        asked: asyncio.Task[Unauthenticated | None] | None = None
        due = self._clock() + _EVERY_S
        try:
            async with aclosing(body) as events:
                async for event in events:
                    if asked is not None and asked.done():
                        if refusal := asked.result():
                            raise refusal
                        asked, due = None, self._clock() + _EVERY_S
                    elif asked is None and self._clock() >= due:
                        asked = asyncio.create_task(self._ask(who))
                    yield event
        finally:
            if asked is not None:
                asked.cancel()

    async def _ask(self, who: Principal) -> Unauthenticated | None:
        """A refusal is no failure of the task: the stream may have ended before anybody looks."""
        try:
            await self._authenticator.still(who)
        except Unauthenticated as refusal:
            return refusal
        except ProtectionUnavailable:
            pass
        return None
