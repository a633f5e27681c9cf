"""The way to Redis for what can do without: bounded in time, and silent where Redis is in trouble, because that is a miss."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisClusterException, RedisError

from gateway.errors import ProtectionUnavailable
from gateway.shared.place import RedisPlace, close

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_TROUBLE = (RedisError, RedisClusterException, OSError, TimeoutError)
_REST_S = 1.0
_INSISTING_S = 30.0


class Link:
    """Connects at the first step. After a step that failed or took longer than `budget_s`, Redis is left alone for a second:
    one that is down costs one request its budget, and not every one. `whose` it is stands in the log.
    """

    def __init__(self, place: RedisPlace, budget_s: float, whose: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._whose = whose
        self._redis = place.client(budget_s)
        self._budget_s = budget_s
        self._monotonic = monotonic
        self._rests_until = 0.0
        self._ill = False
        self._steps: set[asyncio.Future[Any]] = set()

    @property
    def rests(self) -> bool:
        return self._monotonic() < self._rests_until

    async def ask(self, step: Callable[[Redis], Awaitable[_T]], otherwise: _T) -> _T:
        """What the step gives; `otherwise` where Redis is in trouble. Never raises for that."""
        if self.rests:
            return otherwise
        try:
            answer = await self._within(self._budget_s, step)
        except _TROUBLE as error:
            self._rests_until = self._monotonic() + _REST_S
            self._note(type(error).__name__)
            return otherwise
        self._note(None)
        return answer

    async def insist(self, step: Callable[[Redis], Awaitable[_T]]) -> _T:
        """For what must not fail in silence. Raises ProtectionUnavailable."""
        try:
            return await self._within(_INSISTING_S, step)
        except _TROUBLE:
            raise ProtectionUnavailable(f"The {self._whose}'s store does not answer.") from None

    def behind(self, work: Coroutine[Any, Any, None]) -> None:
        """Carry this out behind the caller's back; `close` ends it."""
        self._remember(asyncio.create_task(work))

    async def close(self) -> None:
        for task in self._steps:
            task.cancel()
        if self._steps:
            await asyncio.wait(self._steps, timeout=self._budget_s)
        await close(self._redis)

    async def _within(self, seconds: float, step: Callable[[Redis], Awaitable[_T]]) -> _T:
        """A task of its own: the client does not always let go when it is cancelled, so neither a caller who hangs up nor the
        end of the time waits for it. Raises TimeoutError, and what the step raises.
        """
        task = asyncio.ensure_future(step(self._redis))
        self._remember(task)
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
        task.cancel()
        raise TimeoutError

    def _note(self, trouble: str | None) -> None:
        """One line for each change."""
        if trouble is not None and not self._ill:
            _log.warning("the %s's Redis does not answer as it should: %s", self._whose, trouble)
        elif trouble is None and self._ill:
            _log.info("the %s's Redis answers as it should", self._whose)
        self._ill = trouble is not None

    def _remember(self, task: asyncio.Future[Any]) -> None:
        self._steps.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Future[Any]) -> None:
        self._steps.discard(task)
        if not task.cancelled():
            task.exception()  # known to whoever waited, and of no use to anybody else
