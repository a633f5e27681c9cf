"""A client that stops reading its answer must not hold a backend for ever.

The server takes no more bytes while a client leaves them lying, and so the answer is not read on either, nor the backend's
connection. One timer looks at each answer, as a timer for each piece would cost as much as sending it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Message, Send

from gateway.api.departure import Departure

_LOOKS = 4  # in the time that a client has


class Paced:
    """A `send` that knows since when it has been waiting for the client."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None

    async def __call__(self, message: Message) -> None:
        self._since = self._loop.time()
        await self._send(message)
        self._since = None

    @contextmanager
    def watched(self, stalled_s: float, departure: Departure) -> Iterator[None]:
        """Cancels the answer when the client has not read on for so long: as if it had hung up."""
        timer: asyncio.TimerHandle | None = None

        def look() -> None:
            nonlocal timer
            if self._since is not None and self._loop.time() - self._since >= stalled_s:
                departure.cancel()
                return
            timer = self._loop.call_later(stalled_s / _LOOKS, look)

        look()
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()
