"""Single flight: one call to a backend, and everybody in this process who waits for its answer.

The call runs in a task of its own, so it is nobody's to take away: whoever hangs up, the leader among them, leaves alone. Only
when all have left is the call ended. Those who join late are given from the beginning what they missed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from gateway.caching.admission import Admission
from gateway.caching.answer import read_event
from gateway.errors import UpstreamTruncated
from gateway.exchange import Body, Reply
from gateway.protocol.wire import JsonObject

_LEAD = 64
"""Events that the call may be ahead of the fastest of those who read it."""
_MOST_BEHIND = 16_384
"""Events that wait for one who reads more slowly than others; more would be memory that a client can take at will."""

Call = Callable[[], Awaitable[Reply]]
Landed = Callable[["Flight"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Head:
    """A reply without its body."""

    status: int
    streaming: bool
    retry_after: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Passenger:
    """One who waits for a flight's answer. Leaves by closing `events`, or by `leave`."""

    def __init__(self, flight: Flight, missed: Iterable[JsonObject], *, leads: bool = False) -> None:
        self.leads = leads
        self._flight = flight
        self._waiting = deque(missed)
        self._most_behind = len(self._waiting) + _MOST_BEHIND
        self._news = asyncio.Event()
        self._dropped = False

    @property
    def behind(self) -> int:
        """How many events it has not read."""
        return len(self._waiting)

    def give(self, event: JsonObject) -> None:
        self._waiting.append(event)
        if len(self._waiting) > self._most_behind:
            self._dropped = True
            self._waiting.clear()
        self._news.set()

    @property
    def dropped(self) -> bool:
        """Whether it was too far behind, and is given nothing more."""
        return self._dropped

    def wake(self) -> None:
        self._news.set()

    async def head(self) -> Head:
        """Raises what the call raised; whoever is cancelled here has left."""
        try:
            while self._flight.head is None:
                self._flight.check()
                await self._news_or_end()
            return self._flight.head
        except BaseException:
            self.leave()
            raise

    async def ready(self) -> None:
        """Returns when there is something to read, or the end. Raises what broke the flight before it said anything."""
        try:
            while not self._waiting and not self._flight.landed:
                self._flight.check()
                await self._news_or_end()
        except BaseException:
            self.leave()
            raise

    async def events(self) -> Body:
        """Raises what broke the call off, after what came before. The first, empty event is for `begun` alone."""
        try:
            yield {}
            while self._waiting or self._dropped or not self._flight.landed:
                if self._dropped:
                    raise UpstreamTruncated("The answer was read too slowly.")
                if self._waiting:
                    event = self._waiting.popleft()
                    self._flight.read_on()
                    yield event
                else:
                    self._flight.check()
                    await self._news_or_end()
        finally:
            self.leave()

    def leave(self) -> None:
        self._flight.left_by(self)

    async def _news_or_end(self) -> None:
        self._news.clear()
        await self._news.wait()


async def begun(events: Body) -> Body:
    """Started up to its first, empty yield: a generator that never started runs no `finally` when it is closed."""
    await anext(events)
    return events


class Flight:
    """`landed_with` is called when the answer has come to its end, while others can still join. `abandoned`: the one in whose
    name the call is made left before that.
    """

    def __init__(self, admission: Admission, call: Call, landed_with: Landed) -> None:
        self.head: Head | None = None
        self.landed = False
        self.abandoned = False
        self.admission = admission
        self.gaps_ms: list[int] = []
        self._error: Exception | None = None
        self._passengers: set[Passenger] = set()
        self._room = asyncio.Event()
        self._last = 0.0
        self._begun = False
        self._task = asyncio.create_task(self._fly(call, landed_with))

    def check(self) -> None:
        """Raises what the call raised."""
        if self._error is not None:
            raise self._error

    @property
    def joinable(self) -> bool:
        """Not once it failed or was given up, nor when it has said more than is kept."""
        return self._error is None and self.admission.events is not None and not self._task.done()

    def board(self, *, leads: bool = False) -> Passenger | None:
        """None where it can no longer be joined."""
        missed = self.admission.events
        if missed is None or not self.joinable:
            return None
        passenger = Passenger(self, map(read_event, missed), leads=leads)
        self._passengers.add(passenger)
        return passenger

    def left_by(self, passenger: Passenger) -> None:
        self._passengers.discard(passenger)
        self.abandoned |= passenger.leads and not self.landed
        self.read_on()
        if self._begun and not self._passengers and not self.landed:
            self._give_up()

    def read_on(self) -> None:
        self._room.set()

    async def cancelled(self) -> None:
        """End it, whoever waits; one that has landed is kept first, and lets go of what it holds."""
        if not self.landed:
            self._give_up()
        await asyncio.wait({self._task})

    def _give_up(self) -> None:
        """From here on nobody boards: until the call has come to its end, this may take a while. Once, and not when it has
        failed: a further time would cut off what is being let go of, such as the lease for which other processes wait.
        """
        if self._error is None:
            self._error = _given_up()
            self._task.cancel()

    async def _fly(self, call: Call, landed_with: Landed) -> None:
        self._begun = True  # a task that is cancelled before it began would run no `finally`
        try:
            if not self._passengers:
                raise _given_up()
            reply = await call()
            self._last = asyncio.get_running_loop().time()
            self.head = Head(reply.status, reply.streaming, reply.retry_after, reply.headers)
            self._tell()
            async with aclosing(reply.body) as body:
                async for event in body:
                    self._note(event)
                    await self._not_too_far_ahead()
            self.landed = True
        except asyncio.CancelledError:
            self._error = _given_up()
            raise
        except Exception as error:  # noqa: BLE001  (whatever it is, it is raised by those who wait for it)
            self._error = error
        finally:
            self._tell()
            await landed_with(self)

    def _note(self, event: JsonObject) -> None:
        now = asyncio.get_running_loop().time()
        self.gaps_ms.append(round((now - self._last) * 1_000))
        self._last = now
        self.admission.see(event)
        for passenger in tuple(self._passengers):
            passenger.give(event)
            if passenger.dropped:
                self.left_by(passenger)

    async def _not_too_far_ahead(self) -> None:
        while self._passengers and min(passenger.behind for passenger in self._passengers) > _LEAD:
            self._room.clear()
            await self._room.wait()

    def _tell(self) -> None:
        for passenger in self._passengers:
            passenger.wake()


def _given_up() -> UpstreamTruncated:
    return UpstreamTruncated("The answer was given up.")
