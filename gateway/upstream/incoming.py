"""The bytes of one answer as they come in, under its limits of time and size."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp

from gateway.errors import UpstreamError, UpstreamProtocolError, UpstreamTruncated
from gateway.upstream.base import Deployment
from gateway.upstream.faults import FAULTS, typed

_DRAIN_S = 0.1
"""How long the end of a finished stream is awaited so that its connection can be used again."""


class Incoming:
    """Reads a response. One timer watches the whole of it: a timer for each chunk costs as much as reading it.

    The timer looks when a limit could have passed, and sleeps on when bytes have come meanwhile. Silence counts only
    while we wait for the backend: a client that reads slowly is not the backend's fault.
    """

    def __init__(self, response: aiohttp.ClientResponse, deployment: Deployment, called_at: float) -> None:
        self._response = response
        self._timeouts = deployment.timeouts
        self._bytes_left = deployment.max_reply_bytes
        self._loop = asyncio.get_running_loop()
        self._end = called_at + self._timeouts.total_s
        self._silence_ends: float | None = called_at + self._timeouts.first_byte_s
        self._started = False
        self._timer = self._arm(self._silence_ends)

    async def read(self) -> bytes:
        """The next bytes; none at the end of the body. Raises UpstreamError."""
        if self._started:
            self._silence_ends = self._loop.time() + self._timeouts.between_bytes_s
        try:
            chunk = await self._response.content.readany()
        except FAULTS as fault:
            raise typed(fault) from None
        except RuntimeError:  # aiohttp's word for a session that was closed meanwhile
            raise UpstreamTruncated("the gateway closed its connections before the answer was finished") from None
        self._silence_ends = None
        if not self._started:
            self._begin()
        self._bytes_left -= len(chunk)
        if self._bytes_left < 0:
            raise UpstreamProtocolError("the backend's answer is longer than the gateway's limit")
        return chunk

    async def read_all(self) -> bytes:
        """The whole body. Raises UpstreamError."""
        chunks = []
        while chunk := await self.read():
            chunks.append(chunk)
        return b"".join(chunks)

    async def drain(self) -> None:
        """Await the end of a body that has nothing more to say; aiohttp then takes the connection back by itself."""
        with suppress(UpstreamError, TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                while await self.read():
                    pass

    def close(self) -> None:
        """Hang up, unless the body was read to its end."""
        self._timer.cancel()
        self._response.close()

    def _begin(self) -> None:
        """From now on silences are shorter than the first, so the timer must look sooner."""
        self._started = True
        self._timer.cancel()
        self._timer = self._arm(self._loop.time() + self._timeouts.between_bytes_s)

    def _arm(self, when: float) -> asyncio.TimerHandle:
        return self._loop.call_at(min(when, self._end), self._check)

    def _check(self) -> None:
        now = self._loop.time()
        due = now + self._timeouts.between_bytes_s if self._silence_ends is None else self._silence_ends
        if now >= min(due, self._end):
            self._response.content.set_exception(TimeoutError())
        else:
            self._timer = self._arm(due)
