"""What stands on Redis under the name of a count and is none: another program's, or spoilt. It would refuse everybody for good.

So it is cleared away, and the count begins anew, as on a Redis that restarted empty. Nobody gains by that: whoever can put such
a thing there could as well have removed the count.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

from redis.exceptions import ResponseError
from throttled.exceptions import StoreUnavailableError

from gateway.limits.actions import LONGEST_DEBT_S, Figures, Script

_log = logging.getLogger(__name__)
_FURTHEST_S = 300 * LONGEST_DEBT_S
"""No count of ours drains away so late."""


class Step(Protocol):
    """The library declares an atomic action's `do` more loosely than it is."""

    def do(self, keys: Sequence[str], args: Sequence[int | float] | None) -> Awaitable[Figures]: ...


class _Clearing(Script):
    """Answers whether something was cleared away. Looks itself: another process may have counted there meanwhile."""

    def _figures(self, answer: Any) -> Figures:
        return (int(answer),)


class ClearRate(_Clearing):
    """Argument: seconds within which every count has drained away. The clock is that of the steps that count."""

    TYPE = "clear rate"
    LUA = """
    local kind = redis.call("TYPE", KEYS[1]).ok
    if kind == "string" then
        local clock = redis.call("TIME")
        local now = (clock[1] - 1735660800) + (clock[2] / 1000000)
        local tat = tonumber(redis.call("GET", KEYS[1]))
        if tat and tat - now < tonumber(ARGV[1]) then
            return 0
        end
    end
    return redis.call("DEL", KEYS[1])
    """


class ClearSlots(_Clearing):
    TYPE = "clear slots"
    LUA = """
    if redis.call("TYPE", KEYS[1]).ok == "zset" then
        return 0
    end
    return redis.call("DEL", KEYS[1])
    """


class Counting:
    """A step that, where something foreign is in its way, is tried once more when that was cleared away, here or by another
    process.

    An error of a script is told before it has written anything, so nothing is counted twice.
    """

    def __init__(self, step: Step, clearing: Step) -> None:
        self._step = step
        self._clearing = clearing

    async def do(self, keys: Sequence[str], args: Sequence[int | float] | None) -> Figures:
        try:
            figures = await self._step.do(keys, args)
        except StoreUnavailableError as error:
            if type(error.__cause__) is not ResponseError:
                raise
        else:
            if _is_count(figures):
                return figures
        await self._clear(keys)
        return await self._step.do(keys, args)

    async def _clear(self, keys: Sequence[str]) -> None:
        (cleared,) = await self._clearing.do(keys, [_FURTHEST_S])
        if cleared:
            _log.error("a limit's count on Redis was no count, and begins anew: %s", keys[0])


def _is_count(figures: Figures) -> bool:
    """Of a rate the third says when it has drained away; it is no number where what stands there is none."""
    return len(figures) != 4 or figures[2] < _FURTHEST_S
