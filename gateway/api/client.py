"""The client's end of a request: its headers, its body within limits, and the moment it hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from gateway.errors import BodyTimeout, PayloadTooLarge
from gateway.exchange.peer import Peer
from gateway.protocol.facts import CONSENT_HEADER, CONVERSATION_HEADER, PURPOSE_HEADER, Stated
from gateway.telemetry.trace_context import TraceHeaders, vetted

_NOT_BEARER = "not-bearer"
"""In place of what another scheme carries. No key or token looks like it."""


class Client:
    """Reads one request. Calling it gives the body (it is the exchange's `Intake`)."""

    def __init__(self, scope: Scope, receive: Receive, *, max_body_bytes: int, body_timeout_s: float) -> None:
        self.headers = Headers(scope=scope)
        self._scope = scope
        self._receive = receive
        self._max_body_bytes = max_body_bytes
        self._body_timeout_s = body_timeout_s
        self._body_read = asyncio.Event()
        self._left = False

    @property
    def credential(self) -> str | None:
        return credential_of(self.headers)

    @property
    def stated(self) -> Stated:
        """What the headers say of the request; two of one name are one list (RFC 9110, 5.3), which is nobody's purpose."""
        return Stated(
            purpose=self._joined(PURPOSE_HEADER),
            consent=self._joined(CONSENT_HEADER),
            conversation=self._joined(CONVERSATION_HEADER),
            cache_control=self._joined("cache-control"),
        )

    def trace(self, keys: Collection[str]) -> TraceHeaders:
        """The trace that the caller takes part in; `keys` are the members of its state that may go on."""
        return vetted(self.headers.getlist("traceparent"), self.headers.getlist("tracestate"), keys)

    def _joined(self, name: str) -> str | None:
        return ", ".join(self.headers.getlist(name)) or None

    @property
    def peer(self) -> Peer:
        return peer_of(self._scope)

    async def __call__(self) -> bytes:
        """The body. Raises PayloadTooLarge and BodyTimeout."""
        declared = self.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:19]) > self._max_body_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._body_timeout_s):
                body = await self._read()
        except TimeoutError:
            raise BodyTimeout(f"The body did not arrive within {self._body_timeout_s:g} seconds.") from None
        self._body_read.set()
        if self._left:
            await asyncio.Event().wait()  # `gone` has told the endpoint, which cancels this exchange
        return body

    async def gone(self) -> None:
        """Returns when the client has hung up."""
        await self._body_read.wait()
        while not self._left:
            self._left = (await self._receive())["type"] == "http.disconnect"

    async def _read(self) -> bytes:
        chunks: list[bytes] = []
        size, more = 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._left = True
                break
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self._max_body_bytes:
                raise self._too_large()
            more = message.get("more_body", False)
        return b"".join(chunks)

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"The body is larger than {self._max_body_bytes} bytes.")


def credential_of(headers: Headers) -> str | None:
    """What follows `Bearer `. Two such headers are one wrong credential: nobody may choose which of them counts."""
    return bearer(", ".join(headers.getlist("authorization")) if "authorization" in headers else None)


def bearer(authorization: str | None) -> str | None:
    """The token of an Authorization header (RFC 6750), unjudged: None without a header.

    Another scheme, or a key without one, is an attempt that fails, and not the same as no key.
    """
    if authorization is None:
        return None
    scheme, _, token = authorization.strip().partition(" ")
    if scheme and scheme.lower() != "bearer":
        return _NOT_BEARER
    return token.strip()


def peer_of(scope: Scope) -> Peer:
    """The other end of this connection. The server must not have replaced its address by what a header says."""
    client = scope.get("client")
    return Peer(address=client[0] if client else None, header=Headers(scope=scope).getlist)
