"""A request's head comes in time or not at all: a connection that says nothing, or half a head, holds a place that others want.

uvicorn waits for a first request for ever, and for the rest of any head; bodies and readers have time limits of their own.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class PromptHttp(HttpToolsProtocol):
    """uvicorn's protocol, for clients that ask. Between two requests its own limit holds (`timeout_keep_alive`), until bytes
    come that may be the next one's.
    """

    head_timeout_s: ClassVar[float] = 30.0
    """From the connection, or from the first bytes of a further head, to its end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._left = False
        self._head_due: asyncio.TimerHandle | None = None
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_due is None and not self._left and not self._answering:
            self._wait()

    def on_headers_complete(self) -> None:
        self._wait_no_more()
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        self._leave()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    @property
    def _answering(self) -> bool:
        """Whether a request is under way, which has its own limits."""
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._head_due = self.loop.call_later(self.head_timeout_s, self._give_up)

    def _wait_no_more(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _leave(self) -> None:
        self._left = True
        self._wait_no_more()

    def _give_up(self) -> None:
        self._leave()
        self.transport.close()
