"""Who knocks? Before the body is read, so that a stranger costs us nothing."""

from __future__ import annotations

from typing import Protocol

from gateway.exchange import Exchange, Principal, Reply
from gateway.exchange.peer import Peer
from gateway.pipeline import Proceed


class Authenticator(Protocol):
    async def authenticate(self, credential: str | None, peer: Peer | None = None) -> Principal:
        """Raises Unauthenticated, or ProtectionUnavailable when it cannot tell."""


class Authenticate:
    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        principal = await self._authenticator.authenticate(exchange.credential, exchange.peer)
        return await proceed(exchange.learn(principal=principal, credential=None))
