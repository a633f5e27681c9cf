"""Which calls to backends are on their way, by question; and how one is begun, in this process and among several."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.caching.admission import Admission
from gateway.caching.answer import CachedAnswer
from gateway.caching.answers import Answers, Slot
from gateway.caching.flight import Call, Flight
from gateway.caching.replay import recorded
from gateway.caching.store import Lease
from gateway.errors import UpstreamTruncated
from gateway.exchange import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """An answer to be fetched and, where it may be, kept. `accept` says whether one that another process fetched will do.
    `shared`: whether others may have this one while it is on its way. `kept` is called when the answer is kept.
    """

    slot: Slot
    call_id: str
    admission: Admission
    fence: bytes
    ttl_s: float
    shared: bool
    call: Call = field(repr=False)
    accept: Callable[[CachedAnswer], bool] = field(repr=False)
    kept: Callable[[], Awaitable[None]] | None = field(default=None, repr=False)


@dataclass(slots=True)
class Trip:
    """A flight, and whose answer it brings: `made_by` is a call. `kept` is there where the answer was found after all.
    `inherited`: the leader has gone, and somebody who stayed answers for what the call costs.
    """

    made_by: str
    flight: Flight = field(init=False, repr=False)
    kept: CachedAnswer | None = field(default=None, repr=False)
    lease: Lease | None = field(default=None, repr=False)
    inherited: bool = False

    def inherit(self) -> bool:
        """Take the place of a leader who has gone; False where there is one, or somebody else did."""
        if self.inherited or self.kept is not None or not self.flight.abandoned:
            return False
        self.inherited = True
        return True

    def bequeath(self) -> None:
        """Leave that place to another, for whoever leaves early does not know what the call costs."""
        self.inherited = False


class Flights:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._shared: dict[bytes, Trip] = {}
        self._all: set[Flight] = set()

    def under_way(self, slot: Slot) -> Trip | None:
        return self._shared.get(slot.company)

    def begin(self, errand: Errand) -> Trip:
        """A call of one's own. Others can join it, unless there is one already."""
        trip, key = Trip(errand.call_id), errand.slot.company

        async def landed(flight: Flight) -> None:
            try:
                await self._keep(errand, trip)
            finally:
                if self._shared.get(key) is trip:
                    del self._shared[key]
                try:
                    if trip.lease is not None:
                        await trip.lease.release()
                finally:
                    self._all.discard(flight)

        trip.flight = Flight(errand.admission, lambda: self._fetch(errand, trip), landed)
        self._all.add(trip.flight)
        if errand.shared:
            self._share(key, trip)
        return trip

    async def close(self) -> None:
        for flight in list(self._all):
            await flight.cancelled()

    def _share(self, key: bytes, trip: Trip) -> None:
        """Unless there is one; another that can no longer be joined is none, though it may take a while to end."""
        other = self._shared.get(key)
        if other is None or not other.flight.joinable:
            self._shared[key] = trip

    async def _fetch(self, errand: Errand, trip: Trip) -> Reply:
        """From the backend, unless another process is about to have the answer. None is called in the name of a leader who has
        gone: those who stayed then call in their own.
        """
        if errand.shared:
            trip.lease = await self._answers.lease(errand.slot)
            if trip.lease is None:
                trip.kept = await self._answers.fetched_elsewhere(errand.slot, errand.accept)
        if trip.kept is not None:
            trip.made_by = trip.kept.made_by
            return Reply(status=200, streaming=trip.kept.streaming, body=recorded(trip.kept))
        if trip.flight.abandoned:
            raise UpstreamTruncated("The answer was given up.")
        return await errand.call()

    async def _keep(self, errand: Errand, trip: Trip) -> None:
        flight, events = trip.flight, errand.admission.events
        if trip.kept is not None or not flight.landed or flight.head is None or events is None:
            return
        if errand.admission.may_be_kept(flight.head.status):
            answer = CachedAnswer(
                made_by=errand.call_id,
                made_at=self._answers.clock(),
                streaming=flight.head.streaming,
                events=events,
                gaps_ms=flight.gaps_ms,
            )
            await self._answers.keep(errand.slot, answer, ttl_s=errand.ttl_s, fence=errand.fence)
            if errand.kept is not None:
                await errand.kept()
