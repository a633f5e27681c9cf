from __future__ import annotations

import pytest

from gateway.audit.journal import NoJournal
from gateway.errors import Unauthenticated
from gateway.exchange import Body, Exchange, Principal, Reply
from gateway.exchange.peer import Peer
from gateway.protocol.wire import Surface
from gateway.stages.authenticate import Authenticate

APP = Principal(tenant="acme", id="app")
PEER = Peer(address="10.0.0.1", header=lambda _: [])


class Gate:
    """Lets one credential in, and notes from where it came."""

    def __init__(self) -> None:
        self.peers: list[Peer | None] = []

    async def authenticate(self, credential: str | None, peer: Peer | None = None) -> Principal:
        self.peers.append(peer)
        if credential != "good":
            raise Unauthenticated("no")
        return APP


class Inside:
    """The stages within."""

    def __init__(self) -> None:
        self.seen: list[Exchange] = []

    async def __call__(self, exchange: Exchange) -> Reply:
        self.seen.append(exchange)
        return Reply(status=200, streaming=False, body=nothing())


async def nothing() -> Body:
    yield {}


async def unread() -> bytes:
    raise AssertionError("a stranger's body was read")


def exchange(credential: str | None) -> Exchange:
    return Exchange(call_id="c", surface=Surface.CHAT, journal=NoJournal(), intake=unread, credential=credential, peer=PEER)


async def test_the_caller_is_known_inside_and_the_credential_is_gone() -> None:
    gate, inside = Gate(), Inside()
    assert (await Authenticate(gate)(exchange("good"), inside)).status == 200
    assert [(one.principal, one.credential) for one in inside.seen] == [(APP, None)]
    assert gate.peers == [PEER]


async def test_a_stranger_gets_no_further() -> None:
    inside = Inside()
    with pytest.raises(Unauthenticated):
        await Authenticate(Gate())(exchange("bad"), inside)
    assert inside.seen == []
