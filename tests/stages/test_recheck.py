"""A key that is taken away ends what it began."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.audit.journal import NoJournal
from gateway.errors import Unauthenticated
from gateway.exchange import Body, Exchange, Principal, Reply
from gateway.exchange.peer import Peer
from gateway.protocol.wire import Surface
from gateway.stages.recheck import Recheck


class _Door:
    """Lets the caller in so many times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.asked: list[str | None] = []

    async def authenticate(self, credential: str | None, peer: Peer | None = None) -> Principal:
        self.asked.append(credential)
        self.left -= 1
        if self.left < 0:
            raise Unauthenticated("This key was revoked.")
        return Principal(tenant="acme", id="app")


async def _answer(_: Exchange) -> Reply:
    async def body() -> Body:
        for number in range(6):
            yield {"number": number}

    return Reply(status=200, streaming=True, body=body())


async def _heard(door: _Door, clock: Iterator[float], exchange: Exchange, into: list[int]) -> None:
    reply = await Recheck(door, lambda: next(clock))(exchange, _answer)
    async for event in reply.body:
        into.append(event["number"])


@pytest.fixture
def exchange() -> Exchange:
    async def intake() -> bytes:
        return b""

    return Exchange(call_id="call", surface=Surface.CHAT, journal=NoJournal(), intake=intake, credential="pgw_key")


async def test_it_asks_once_a_second_at_most(exchange: Exchange) -> None:
    door, heard = _Door(9), list[int]()
    await _heard(door, iter([0.0, 0.2, 0.9, 1.0, 1.0, 1.5, 2.0, 2.0, 2.5]), exchange, heard)
    assert heard == [0, 1, 2, 3, 4, 5]
    assert door.asked == ["pgw_key"] * 2


async def test_nothing_more_goes_out_to_a_stranger(exchange: Exchange) -> None:
    door, heard = _Door(1), list[int]()
    with pytest.raises(Unauthenticated):
        await _heard(door, iter([0.0, 1.0, 1.0, 1.5, 2.0]), exchange, heard)
    assert heard == [0, 1]
