"""Calls ASGI applications as a server would, without a socket: what is measured is the application, not the server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message

_SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/v1/chat/completions",
    "raw_path": b"/v1/chat/completions",
    "query_string": b"",
    "server": ("127.0.0.1", 80),
    "client": ("127.0.0.1", 1),
    "root_path": "",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of one application, with its key."""

    app: ASGIApp
    key: str = field(repr=False)

    async def all(self, bodies: Iterable[bytes], clients: int) -> None:
        """Send every body, from so many clients at once. Raises RuntimeError where one was not answered with 200."""
        waiting = iter(bodies)
        await asyncio.gather(*(self._one_after_the_other(waiting) for _ in range(clients)))

    async def call(self, body: bytes) -> bytes:
        """One request. Raises RuntimeError where it was not answered with 200."""
        exchange = _Exchange(body)
        headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {self.key}".encode())]
        await self.app({**_SCOPE, "headers": headers}, exchange.receive, exchange.send)
        if exchange.status != 200:
            raise RuntimeError(f"answered {exchange.status}")
        return b"".join(exchange.pieces)

    async def _one_after_the_other(self, bodies: Iterable[bytes]) -> None:
        for body in bodies:
            await self.call(body)


class _Exchange:
    """One request and what came back."""

    def __init__(self, body: bytes) -> None:
        self._arrived: bytes | None = body
        self.status = 0
        self.pieces: list[bytes] = []

    async def receive(self) -> Message:
        if self._arrived is None:
            await asyncio.Event().wait()
        body, self._arrived = self._arrived, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.pieces.append(message.get("body", b""))
