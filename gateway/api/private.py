"""What the API tells one caller is for no cache on the way. Not every caller sends `Authorization`, for which caches keep
nothing.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BELOW = "/v1/"


class Private:
    """The middleware: `Cache-Control: no-store` (RFC 9111, 5.2.2.5) below `/v1/`, errors too, where nothing is said of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_private(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("cache-control", "no-store")
            await send(message)

        private = scope["type"] == "http" and scope["path"].startswith(_BELOW)
        await self._app(scope, receive, send_private if private else send)
