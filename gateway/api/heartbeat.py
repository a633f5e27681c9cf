"""Clients and the proxies before them give up on a stream in which nothing comes for a while, as when a model waits for a tool.
So a comment is written into every silence behind the first event: server-sent events have them for that, and no client's code
sees them.
https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes

A comment begins and ends here. Nothing further in takes part, so it is no event, no token and no part of what is kept.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import Send

COMMENT = b": still at work\n\n"


class Heartbeat:
    """Writes the events of one stream, and a comment whenever none came for `every_s` seconds. `stop` before the last piece.

    One timer looks at the stream: a timer for each event would cost as much as sending it.
    """

    def __init__(self, send: Send, every_s: float) -> None:
        self._send = send
        self._every_s = every_s
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._comment: asyncio.Task[None] | None = None

    async def say(self, event: bytes) -> None:
        """Send an event. While the client takes it there is no silence, however long that is."""
        if self._timer is None:
            self._timer = self._loop.call_later(self._every_s, self._look)
        self._since = None
        await self._send({"type": "http.response.body", "body": event, "more_body": True})
        self._since = self._loop.time()

    def stop(self) -> None:
        """No comment comes after this."""
        for last in (self._timer, self._comment):
            if last is not None:
                last.cancel()

    def _look(self) -> None:
        rest = self._every_s if self._since is None else self._since + self._every_s - self._loop.time()
        if rest <= 0:
            self._comment = self._loop.create_task(self._beat())
            rest = self._every_s
        self._timer = self._loop.call_later(rest, self._look)

    async def _beat(self) -> None:
        with suppress(OSError):  # whoever has hung up is noticed elsewhere
            await self.say(COMMENT)
