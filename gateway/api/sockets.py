"""A WebSocket to a path that is asked over HTTP alone, as some clients try first of `/v1/responses`: refused in words.

An application that closes what it has not accepted leaves the caller a bare 403 (ASGI), which reads as a wrong key.
"""

from __future__ import annotations

import orjson
from starlette.types import Message, Scope, Send

from gateway.api.call_id import new_call_id

_EXTENSION = "websocket.http.response"
_STATUS = 426
"""Codex asks over HTTP at once after it, and after any other status only when it has tried some times more."""

_ERROR = {
    "message": "Nothing is served over WebSocket under this path: ask over HTTP.",
    "type": "invalid_request_error",
    "param": None,
    "code": "websocket_not_served",
}


def in_words(scope: Scope, send: Send) -> Send:
    """What to send by, so that a close before anything else becomes an answer, where the server can give one."""
    begun = _EXTENSION not in (scope.get("extensions") or {})

    async def telling(message: Message) -> None:
        nonlocal begun
        if begun or message["type"] != "websocket.close":
            begun = True
            await send(message)
            return
        begun = True
        body = orjson.dumps({"error": _ERROR})
        told = {"content-type": "application/json", "content-length": str(len(body)), "x-request-id": new_call_id()}
        told |= {"upgrade": "HTTP/1.1", "connection": "upgrade"}  # RFC 9110 (7.8, 15.5.22): what to ask over
        headers = [(name.encode(), value.encode()) for name, value in told.items()]
        await send({"type": f"{_EXTENSION}.start", "status": _STATUS, "headers": headers})
        await send({"type": f"{_EXTENSION}.body", "body": body})

    return telling
