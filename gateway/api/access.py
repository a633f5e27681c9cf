"""Notes each HTTP request as it went over the wire, for the access log: around everything else, errors included."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.client import peer_of
from gateway.telemetry.lines import Access

_CALL_ID = b"x-request-id"
_METHODS = frozenset("GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH".split())


class AccessNotes:
    """The middleware. `note` hears of each request when its answer has been sent, or will not be."""

    def __init__(self, app: ASGIApp, note: Callable[[Access], None], *, with_peer: bool = False) -> None:
        self._app = app
        self._note = note
        self._with_peer = with_peer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
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
        self._received += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._call_id = _call_id(message)
        await self._send(message)
        self._sent += len(message.get("body", b""))

    def access(self, scope: Scope, peer: str | None) -> Access:
        return Access(
            method=scope["method"] if scope["method"] in _METHODS else "_OTHER",
            route=_route(scope),
            call_id=scope.get("state", {}).get("call_id", self._call_id),
            status=self._status,
            received=self._received,
            sent=self._sent,
            duration_ms=round((perf_counter() - self._began) * 1000, 3),
            peer=peer,
        )


def _call_id(start: Message) -> str | None:
    """Every answer of ours that has an id has one that we made."""
    return next((value.decode() for name, value in start.get("headers", ()) if name.lower() == _CALL_ID), None)


def _route(scope: Scope) -> str | None:
    """The template that matched, below where its application is mounted; a path may hold anything, and is not looked at."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return None if path is None else f"{scope.get('root_path', '')}{path}"
