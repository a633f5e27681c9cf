"""More callers than a process was told to serve at once are refused as everything is: in OpenAI's shape, with a time to come
back. uvicorn's own refusal is two words of plain text, which a client's library reports as a fault of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.call_id import new_call_id
from gateway.api.errors import error_headers
from gateway.errors import Overloaded

_RETRY_AFTER_S = 1


class Crowd:
    """ASGI. `is_full` is asked for each request. The connection of who is refused is closed, which makes room."""

    def __init__(self, app: ASGIApp, is_full: Callable[[], bool]) -> None:
        self._app = app
        self._is_full = is_full

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._is_full():
            await _refuse(send)
        else:
            await self._app(scope, receive, send)


async def _refuse(send: Send) -> None:
    error = Overloaded("This gateway serves as many connections as it was told to.", retry_after=_RETRY_AFTER_S)
    body = orjson.dumps(error.body())
    said = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
        "x-request-id": new_call_id(),
        **error_headers(error),
    }
    headers = [(name.encode(), value.encode()) for name, value in said.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
