"""The line from the gateway to the server, for frames of somebody else: their bodies stay as they are, their tags are ours."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from dataclasses import dataclass, field

from gateway.errors import UpstreamError, UpstreamProtocolError, UpstreamTimeout, UpstreamTruncated, UpstreamUnreachable
from gateway.fhe.relay.book import Book
from gateway.fhe.wire.frames import HEAD_SIZE, TAG_SIZE, Direction, Kind, Refused, opening_key, session_key
from gateway.fhe.wire.messages import NONCE_SIZE, WELCOME_LIMITS, Reason, Welcome, read_refusal, write_refusal

_REFUSAL_SIZE = len(write_refusal(Reason.FAILED))
_READ_AHEAD = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """Where the server is; `tls` checks its certificate, `secret` is what it was given too. Times in seconds."""

    host: str
    port: int
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    secret: bytes = field(default=b"", repr=False)
    connect_s: float = 5.0
    answer_s: float = 120.0
    total_s: float = 3600.0


class Onward:
    """One call at a time. Raises UpstreamError from every method; after one it is of no more use."""

    def __init__(self, hop: Hop, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._incoming = Direction(b"down", opening_key(hop.secret))
        self._outgoing = Direction(b"up", opening_key(hop.secret))
        self._reader = reader
        self._writer = writer

    async def greet(self, secret: bytes, book: Book) -> None:
        """Raises UpstreamProtocolError for a server with another model."""
        nonce = secrets.token_bytes(NONCE_SIZE)
        try:
            welcome = Welcome.from_bytes(await self._exchange(Kind.HELLO, nonce, WELCOME_LIMITS))
        except Refused as refused:
            raise UpstreamProtocolError(str(refused)) from None
        if welcome.fingerprint != book.fingerprint or welcome.parameters != book.parameters:
            raise UpstreamProtocolError("the encrypted endpoint serves another model, or the same with other bits")
        key = session_key(secret, nonce, welcome.nonce, welcome.fingerprint)
        self._incoming.rekey(key)
        self._outgoing.rekey(key)

    async def call(self, body: bytes | memoryview, answer_size: int) -> memoryview:
        """The body of the PRODUCT frame that answers a MULTIPLY frame, which has exactly this size."""
        answer = await self._exchange(Kind.MULTIPLY, body, {Kind.PRODUCT: answer_size, Kind.REFUSAL: _REFUSAL_SIZE})
        if len(answer) != answer_size:
            raise UpstreamProtocolError("the encrypted endpoint's answer has the wrong length")
        return answer

    def close(self) -> None:
        """Hang up, whatever is still to be sent."""
        self._writer.transport.abort()

    async def _exchange(self, kind: Kind, body: bytes | memoryview, limits: dict[Kind, int]) -> memoryview:
        try:
            self._writer.write(self._outgoing.frame(kind, body))
            await self._writer.drain()
            head = self._incoming.head(await self._reader.readexactly(HEAD_SIZE), limits)
            answer = self._incoming.open(head, await self._reader.readexactly(head.length + TAG_SIZE))
            if head.kind is Kind.REFUSAL:
                raise UpstreamError(_said(read_refusal(answer)))
        except Refused as refused:
            raise UpstreamProtocolError(str(refused)) from None
        except (OSError, EOFError):
            raise UpstreamTruncated("the connection to the encrypted endpoint broke") from None
        return answer


async def onward(hop: Hop, book: Book) -> Onward:
    """A line to the server, which has greeted us. Raises UpstreamError."""
    try:
        async with asyncio.timeout(hop.connect_s):
            opened = await asyncio.open_connection(
                hop.host, hop.port, ssl=hop.tls, server_hostname=hop.host if hop.tls else None, limit=_READ_AHEAD
            )
    except (OSError, TimeoutError):
        text = "the encrypted endpoint cannot be reached, or its certificate is not trusted"
        raise UpstreamUnreachable(text) from None
    line = Onward(hop, *opened)
    try:
        async with asyncio.timeout(hop.answer_s):
            await line.greet(hop.secret, book)
    except TimeoutError:
        line.close()
        raise UpstreamTimeout("the encrypted endpoint did not answer within the time limit") from None
    except BaseException:
        line.close()
        raise
    return line


def _said(reason: Reason) -> str:
    if reason is Reason.BUSY:
        return "the encrypted endpoint has too many clients"
    return "the encrypted endpoint refused a frame, or failed"
