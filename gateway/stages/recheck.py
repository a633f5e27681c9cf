"""Who may still speak? A dialogue lasts for minutes, and a key may be revoked meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from time import monotonic
from typing import Protocol

from gateway.exchange import Body, Exchange, Principal, Reply
from gateway.exchange.peer import Peer
from gateway.pipeline import Proceed

_EVERY_S = 1.0


class Authenticator(Protocol):
    async def authenticate(self, credential: str | None, peer: Peer | None = None) -> Principal:
        """Raises Unauthenticated, or ProtectionUnavailable when it cannot tell."""


class Recheck:
    """Lies around `authenticate`, and asks the same again, at most once a second: no event goes out to a stranger."""

    def __init__(self, authenticator: Authenticator, clock: Callable[[], float] = monotonic) -> None:
        self._authenticator = authenticator
        self._clock = clock

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        credential, peer = exchange.credential, exchange.peer
        reply = await proceed(exchange)
        return reply.through(lambda body: self._watched(body, credential, peer))

    async def _watched(self, body: Body, credential: str | None, peer: Peer | None) -> Body:
        asked_at = self._clock()
        async with aclosing(body) as events:
            async for event in events:
                if self._clock() - asked_at >= _EVERY_S:
                    await self._authenticator.authenticate(credential, peer)
                    asked_at = self._clock()
                yield event
