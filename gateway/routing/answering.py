"""The body of an answer on its way: counted for the record, and its place at the deployment left when it is over."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine
from typing import Any

from gateway.errors import UpstreamError
from gateway.exchange import Body, Journal
from gateway.protocol.usage import Tally
from gateway.protocol.wire import JsonObject, Surface
from gateway.routing.standings import Seat


class Answering(AsyncGenerator[JsonObject, None]):
    """Not a generator function: one that has not begun ignores `aclose`, and the place would be taken for ever."""

    def __init__(self, body: Body, surface: Surface, journal: Journal, seat: Seat, tally: Tally | None = None) -> None:
        self._body = body
        self._tally = tally or Tally(surface)
        self._sees_itself = tally is None
        self._journal = journal
        self._seat = seat
        self._ended = False

    def asend(self, value: None) -> Coroutine[Any, Any, JsonObject]:  # noqa: ARG002 - nobody sends anything
        return self.__anext__()

    async def __anext__(self) -> JsonObject:
        try:
            delta = await anext(self._body)
        except UpstreamError:
            self._seat.failed()
            self._over()
            raise
        except BaseException:
            self._over()
            raise
        if self._sees_itself:
            self._tally.see(delta)
        return delta

    async def athrow(self, *error: Any) -> JsonObject:
        return await self._body.athrow(*error)

    async def aclose(self) -> None:
        try:
            await self._body.aclose()
        finally:
            self._over()

    def _over(self) -> None:
        if not self._ended:
            self._ended = True
            self._journal.settle(self._tally.usage)
            self._seat.leave()
