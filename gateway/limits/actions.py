"""Two steps that throttled-py's GCRA does not have, for its memory and its Redis store: adjust, and forget.

GCRA keeps one number for each key, the theoretical arrival time (TAT): the moment at which all that was taken will have
drained away. Where the library's `limit` refuses, `adjust` goes over the limit (what was used was used) or moves the TAT
back, though never before now. Clock and epoch are those of the library's own steps, which read the same keys.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from throttled import utils
from throttled.asyncio.store import BaseMemoryAtomicAction, BaseRedisAtomicAction, RedisStoreBackend
from throttled.store import BaseMemoryStoreBackend

Figures = tuple[int | float, ...]
"""Refused (0 or 1), remaining (which `adjust` leaves at 0), seconds until reset, seconds until another try."""
LONGEST_DEBT_S = 10 * 366 * 86_400
"""However much is used over a limit, it has drained away by then."""


class MemoryAdjust(BaseMemoryAtomicAction):
    """Arguments: emission interval in seconds, capacity, cost (which may be negative)."""

    TYPE = "adjust"

    @classmethod
    def _do(cls, backend: BaseMemoryStoreBackend, keys: Sequence[str], args: Sequence[int | float] | None) -> Figures:
        interval, _, cost = args or ()
        now = utils.now_mono_f()
        held = max(now, float(backend.get(keys[0]) or now))
        tat = min(held + cost * interval, max(held, now + LONGEST_DEBT_S))
        if tat > now:
            backend.set(keys[0], tat, math.ceil(tat - now))
        else:
            backend.delete(keys[0])
        return 0, 0, max(0.0, tat - now), 0


class MemoryForget(BaseMemoryAtomicAction):
    """Takes no arguments."""

    TYPE = "forget"

    @classmethod
    def _do(cls, backend: BaseMemoryStoreBackend, keys: Sequence[str], args: Sequence[int | float] | None) -> Figures:  # noqa: ARG003
        backend.delete(keys[0])
        return ()


class Script(BaseRedisAtomicAction, ABC):
    """A step on Redis, as a script of one key: nothing comes between its reading and its writing."""

    LUA: ClassVar[str]

    def __init__(self, backend: RedisStoreBackend) -> None:
        super().__init__(backend)
        self._script = self._register_script(self.LUA)

    async def do(self, keys: Sequence[str], args: Sequence[int | float] | None) -> Figures:
        return self._figures(await self._script(list(keys), list(args or ())))

    @abstractmethod
    def _figures(self, answer: Any) -> Figures:
        """What the script answered, as numbers."""


class RedisAdjust(Script):
    """As MemoryAdjust; the time is Redis's, from the library's epoch, which is the first of January 2025."""

    TYPE = "adjust"
    LUA = f"""
    local clock = redis.call("TIME")
    local now = (clock[1] - 1735660800) + (clock[2] / 1000000)
    local held = math.max(0, tonumber(redis.call("GET", KEYS[1]) or now) - now)
    local after = math.min(held + tonumber(ARGV[3]) * tonumber(ARGV[1]), math.max(held, {LONGEST_DEBT_S}))
    if after > 0 then
        redis.call("SET", KEYS[1], now + after, "EX", math.ceil(after))
    else
        after = 0
        redis.call("DEL", KEYS[1])
    end
    return tostring(after)
    """

    def _figures(self, answer: Any) -> Figures:
        return 0, 0, float(answer), 0


class RedisForget(Script):
    """Takes no arguments; serves every kind of key."""

    TYPE = "forget"
    LUA = 'return redis.call("DEL", KEYS[1])'

    def _figures(self, answer: Any) -> Figures:  # noqa: ARG002
        return ()
