"""One connection at the server: a greeting, then calls, one at a time. Nothing of it outlives it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.fhe.server.weights import ServedModel
from gateway.fhe.wire.frames import HEAD_SIZE, TAG_SIZE, Direction, Kind, Refused, opening_key, session_key
from gateway.fhe.wire.messages import NONCE_SIZE, OPENING_LIMITS, Reason, Welcome, write_refusal

Run = Callable[[Callable[[], bytes]], Awaitable[bytes]]
"""Runs work where it does not hold up the event loop."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for the next frame to begin, and for one that began to arrive, or an answer to be taken. Who has not greeted yet
    may be anybody, and has to begin within `frame_s` too: it takes the place of a client meanwhile.
    """

    idle_s: float = 600.0
    frame_s: float = 60.0


class Session:
    """`secret` is what the client must have been given too; empty where there is none."""

    def __init__(
        self,
        model: ServedModel,
        secret: bytes,
        run: Run,
        patience: Patience,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._model = model
        self._secret = secret
        self._run = run
        self._patience = patience
        self._reader = reader
        self._writer = writer
        self._incoming = Direction(b"up", opening_key(secret))
        self._outgoing = Direction(b"down", opening_key(secret))
        self._limits = {Kind.MULTIPLY: model.longest_call, Kind.PING: 0}

    async def serve(self) -> None:
        """Until the client hangs up, breaks the protocol or keeps still for too long."""
        try:
            await self._greet()
            while True:
                await self._answer()
        except Refused:
            await self._send(Kind.REFUSAL, write_refusal(Reason.MALFORMED))

    async def turn_away(self) -> None:
        """There are too many clients."""
        await self._send(Kind.REFUSAL, write_refusal(Reason.BUSY))

    async def _greet(self) -> None:
        _, hello = await self._receive(OPENING_LIMITS, self._patience.frame_s)
        if len(hello) != NONCE_SIZE:
            raise Refused("a hello has the wrong length")
        blueprint = self._model.blueprint
        welcome = Welcome(secrets.token_bytes(NONCE_SIZE), blueprint.fingerprint, blueprint.parameters)
        await self._send(Kind.WELCOME, welcome.to_bytes())
        key = session_key(self._secret, bytes(hello), welcome.nonce, welcome.fingerprint)
        self._incoming.rekey(key)
        self._outgoing.rekey(key)

    async def _answer(self) -> None:
        kind, body = await self._receive(self._limits, self._patience.idle_s)
        if kind is Kind.PING:
            await self._send(Kind.PONG, b"")
            return
        try:
            product = await self._run(lambda: self._model.multiply(body))
        except LookupError:
            await self._send(Kind.REFUSAL, write_refusal(Reason.UNKNOWN_PRODUCT))
        except MemoryError:
            await self._send(Kind.REFUSAL, write_refusal(Reason.FAILED))
        else:
            await self._send(Kind.PRODUCT, product)

    async def _receive(self, limits: dict[Kind, int], begins_s: float) -> tuple[Kind, memoryview]:
        async with asyncio.timeout(begins_s):
            first = await self._reader.readexactly(1)
        async with asyncio.timeout(self._patience.frame_s):
            head = self._incoming.head(first + await self._reader.readexactly(HEAD_SIZE - 1), limits)
            return head.kind, self._incoming.open(head, await self._reader.readexactly(head.length + TAG_SIZE))

    async def _send(self, kind: Kind, body: bytes) -> None:
        async with asyncio.timeout(self._patience.frame_s):
            self._writer.write(self._outgoing.frame(kind, body))
            await self._writer.drain()
