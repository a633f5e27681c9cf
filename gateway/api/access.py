"""Notes each HTTP request as it went over the wire, for the access log: around everything else, errors included.

A WebSocket is a GET with the status 101 when it was let in (RFC 6455), and its messages are what the bodies are of others.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.client import peer_of
from gateway.telemetry.lines import Access

_CALL_ID = b"x-request-id"
_TYPES = ("http", "websocket")
_STARTS = frozenset({"http.response.start", "websocket.http.response.start"})
_SWITCHING = 101
_FORBIDDEN = 403  # what a server says for an application that closes what it has not accepted (ASGI)
_METHODS = frozenset("GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH".split())


class AccessNotes:
    """The middleware. `note` hears of each request when its answer has been sent, or will not be."""

    def __init__(self, app: ASGIApp, note: Callable[[Access], None], *, with_peer: bool = False) -> None:
        self._app = app
        self._note = note
        self._with_peer = with_peer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in _TYPES:
            await self._app(scope, receive, send)
            return
        wire = _Wire(receive, send)
        try:
            await self._app(scope, wire.receive, wire.send)
        finally:
            self._note(wire.access(scope, peer_of(scope).address if self._with_peer else None))


def name_call(scope: Scope, call_id: str) -> None:
    """Let the access log know the call's id also where the caller hangs up before it is told."""
    scope.setdefault("state", {})["call_id"] = call_id


def name_route(scope: Scope, template: str) -> None:
    """For an endpoint whose router does not note itself which template matched."""
    scope.setdefault("state", {})["route"] = template


class _Wire:
    """Counts what passes."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._began = perf_counter()
        self._received = 0
        self._sent = 0
        self._status: int | None = None
        self._call_id: str | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        self._received += _size(message)
        return message

    async def send(self, message: Message) -> None:
        if self._status is None and (status := _status(message)) is not None:
            self._status = status
            self._call_id = _call_id(message)
        await self._send(message)
        self._sent += _size(message)

    def access(self, scope: Scope, peer: str | None) -> Access:
        method = scope.get("method", "GET")
        return Access(
            method=method if method in _METHODS else "_OTHER",
            route=_route(scope),
            call_id=scope.get("state", {}).get("call_id", self._call_id),
            status=self._status,
            received=self._received,
            sent=self._sent,
            duration_ms=round((perf_counter() - self._began) * 1000, 3),
            peer=peer,
        )


def _status(message: Message) -> int | None:
    """None for what begins no answer."""
    kind = message["type"]
    if kind in _STARTS:
        return int(message["status"])
    return {"websocket.accept": _SWITCHING, "websocket.close": _FORBIDDEN}.get(kind)


def _size(message: Message) -> int:
    return len(message.get("body") or message.get("bytes") or (message.get("text") or "").encode())


def _call_id(start: Message) -> str | None:
    """Every answer of ours that has an id has one that we made."""
    return next((value.decode() for name, value in start.get("headers", ()) if name.lower() == _CALL_ID), None)


def _route(scope: Scope) -> str | None:
    """The template that matched, below where its application is mounted; a path may hold anything, and is not looked at."""
    path: str | None = scope.get("state", {}).get("route") or getattr(scope.get("route"), "path", None)
    return None if path is None else f"{scope.get('root_path', '')}{path}"
