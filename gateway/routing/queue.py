"""Who waits for a free place at a deployment, and who goes next: the greater priority, then tenants in turns, then who came.

A wait has an end: work that piles up in front of full backends is answered by nobody, and late for everybody (Google, Site
Reliability Engineering, 2016, chapter 22).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, TypeVar

from gateway.errors import Overloaded
from gateway.obligations import DeploymentRef

_LOOKS_AGAIN_S = 0.5
"""Places also come without anybody leaving: a rest ends, a breaker lets a trial through."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish(Generic[T]):
    """What somebody waits for: one of `places`, as soon as `take` gives it to him. `retry_after_s`: when to come again."""

    places: tuple[DeploymentRef, ...]
    take: Callable[[], T | None]
    give_back: Callable[[T], None]
    priority: int = 0
    tenant: str = ""
    retry_after_s: int = 1


@dataclass(slots=True, eq=False)
class _Waiter(Generic[T]):
    wish: Wish[T]
    came: int
    given: asyncio.Future[T] = field(repr=False)


class Queue(Generic[T]):
    """`limit`: how many may wait at once in this process."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: list[_Waiter[T]] = []
        self._turns: dict[str, int] = {}
        self._numbers = count(1)
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def is_before(self, deployment: DeploymentRef, priority: int) -> bool:
        """Whether somebody waits for this deployment whom a newcomer of this priority must not overtake."""
        return any(one.wish.priority >= priority and deployment in one.wish.places for one in self._waiting)

    async def wait(self, wish: Wish[T], longest_s: float) -> T:
        """Raises Overloaded where too many wait already, the wait takes too long, or the gateway shuts down."""
        if self._closed or longest_s <= 0 or not self._has_room(wish):
            raise self._refusal(wish)
        waiter = _Waiter(wish, next(self._numbers), asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._turns.setdefault(wish.tenant, waiter.came)  # else tenants that come and go would always be first
        self._look_again_later()
        try:
            async with asyncio.timeout(longest_s):
                given: T = await waiter.given
                return given
        except TimeoutError:
            if waiter.given.done() and not waiter.given.cancelled():  # in the very last moment
                place: T = waiter.given.result()
                return place
            raise self._refusal(wish) from None
        except asyncio.CancelledError:
            self._return(waiter)
            raise
        finally:
            self._forget(waiter)

    def room(self, deployment: DeploymentRef) -> None:
        """A place is free at this deployment."""
        if self._waiting:
            self._offer([one for one in self._waiting if deployment in one.wish.places], 1)

    def close(self) -> None:
        """Nobody waits any longer, and nobody will."""
        self._closed = True
        for waiter in self._waiting:
            if not waiter.given.done():
                waiter.given.set_exception(self._refusal(waiter.wish))

    def _offer(self, waiters: list[_Waiter[T]], most: int) -> None:
        """To each in his turn, `most` of them at most. Where there is nothing for one, there is nothing for his like."""
        in_vain: set[tuple[DeploymentRef, ...]] = set()
        waiters.sort(key=self._turn)
        while waiters and most:
            waiter = waiters.pop(0)
            if waiter.wish.places in in_vain or waiter.given.done():
                continue
            place = waiter.wish.take()
            if place is None:
                in_vain.add(waiter.wish.places)
                continue
            self._turns[waiter.wish.tenant] = next(self._numbers)
            waiter.given.set_result(place)
            waiters.sort(key=self._turn)
            most -= 1

    def _turn(self, waiter: _Waiter[T]) -> tuple[int, int, int]:
        return -waiter.wish.priority, self._turns[waiter.wish.tenant], waiter.came

    def _has_room(self, wish: Wish[T]) -> bool:
        """Whether one more may wait. Where the queue is full, one who would go last is refused instead, if he is of a lesser
        priority, or of a tenant that has more of them in it: nobody keeps others out by filling the queue.
        """
        if len(self._waiting) < self._limit:
            return True
        waiting = [one for one in self._waiting if not one.given.done()]
        if len(waiting) < self._limit:
            return True
        of_tenant = Counter(one.wish.tenant for one in waiting)
        last = max(waiting, key=lambda one: (-one.wish.priority, of_tenant[one.wish.tenant], one.came), default=None)
        if last is None or not self._yields(last.wish, wish, of_tenant):
            return False
        last.given.set_exception(self._refusal(last.wish))
        return True

    @staticmethod
    def _yields(last: Wish[T], wish: Wish[T], of_tenant: Counter[str]) -> bool:
        if last.priority != wish.priority:
            return last.priority < wish.priority
        return of_tenant[last.tenant] > of_tenant[wish.tenant] + 1

    def _forget(self, waiter: _Waiter[T]) -> None:
        """He has left, or has his place."""
        self._waiting.remove(waiter)
        tenant = waiter.wish.tenant
        if all(other.wish.tenant != tenant for other in self._waiting):
            self._turns.pop(tenant, None)

    @staticmethod
    def _return(waiter: _Waiter[T]) -> None:
        """He left in the moment in which a place was given to him."""
        given = waiter.given
        if given.done() and not given.cancelled() and given.exception() is None:
            waiter.wish.give_back(given.result())

    def _look_again_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LOOKS_AGAIN_S, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        if self._waiting:
            self._offer(list(self._waiting), len(self._waiting))
            self._look_again_later()

    def _refusal(self, wish: Wish[T]) -> Overloaded:
        return Overloaded("All backends that may answer this are busy.", retry_after=wish.retry_after_s)
