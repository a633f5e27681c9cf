"""uvicorn's end of a WebSocket, which outlives no caller's patience and keeps nothing that nobody reads. Needs `websockets`."""

from __future__ import annotations

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

MOST_FRAGMENTS = 4096
"""Of one message. Empty ones count for nothing in its size."""


LINGERS_S = 20.0
"""For the last of an answer to be read, when nothing more will come."""


class Lasting(WebSocketsSansIOProtocol):
    """Leaves in its own time: a server that shuts down waits for it as it waits for other answers, and as long.

    What nobody reads, or what comes in crumbs, must not pile up meanwhile: RFC 6455 (5.5.3) lets a pong be left out.
    """

    def handle_ping(self) -> None:
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) > MOST_FRAGMENTS:
            self.transport.abort()
        else:
            super().handle_cont(event)

    async def send(self, message: ASGISendEvent) -> None:
        """A caller may say that it leaves before it was let in."""
        if self.transport.is_closing():
            raise ClientDisconnected
        await super().send(message)

    async def run_asgi(self) -> None:
        """What was written and is never read keeps a closed connection open, for as long as its other end likes."""
        await super().run_asgi()
        self.loop.call_later(LINGERS_S, self.transport.abort)

    def shutdown(self) -> None:
        if self.close_sent:
            super().shutdown()
