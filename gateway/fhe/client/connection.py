"""The client's end of the line: one call at a time over one connection that stays open. Blocking, for a thread of its own."""

from __future__ import annotations

import secrets
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

from gateway.errors import UpstreamError, UpstreamProtocolError, UpstreamTimeout, UpstreamTruncated, UpstreamUnreachable
from gateway.fhe.model.blueprint import Blueprint
from gateway.fhe.wire.frames import HEAD_SIZE, TAG_SIZE, Direction, Kind, Refused, opening_key, session_key
from gateway.fhe.wire.messages import NONCE_SIZE, WELCOME_LIMITS, Reason, Welcome, read_refusal, write_refusal
from gateway.protocol.wire import JsonObject

_REFUSAL_SIZE = len(write_refusal(Reason.FAILED))
_WORDS = {
    Reason.BUSY: "the encrypted endpoint has too many clients",
    Reason.MALFORMED: "the encrypted endpoint refused a frame",
    Reason.UNKNOWN_PRODUCT: "the encrypted endpoint has no such matrix",
    Reason.FAILED: "the encrypted endpoint failed",
}


class Line(Protocol):
    """Carries bytes, in order. Raises OSError or ValueError where it is broken, and TimeoutError."""

    def sendall(self, data: bytes, /) -> None: ...

    def recv_into(self, buffer: memoryview, /) -> int:
        """How many bytes came; 0 when the other side has hung up."""

    def hang_up(self) -> None:
        """May be called from another thread, whose call then fails. Never raises."""

    def part(self) -> None:
        """Hang up, all being said. Never raises."""


class TurnedAway(Exception):
    """What stands between us and the server refuses this call, with a status and a body for whoever asked."""

    def __init__(self, status: int, body: JsonObject, retry_after: int | None = None) -> None:
        super().__init__("the call was refused on its way")
        self.status = status
        self.body = body
        self.retry_after = retry_after


class Way(Protocol):
    """How the server is reached. `lasting`: a line serves one answer after another."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def secret(self) -> bytes: ...

    @property
    def lasting(self) -> bool: ...

    def to_answer(self, model: str, prompt: int, most: int) -> Way:
        """The way for one answer: to a prompt of so many tokens, with at most so many of its own."""

    def line(self) -> Line:
        """Raises UpstreamError, and TurnedAway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the server is; `tls` checks its certificate, `secret` is what it was given too. Times in seconds."""

    host: str
    port: int
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    secret: bytes = field(default=b"", repr=False)
    connect_s: float = 5.0
    answer_s: float = 120.0

    @property
    def lasting(self) -> bool:
        return True

    def to_answer(self, model: str, prompt: int, most: int) -> Address:  # noqa: ARG002 - the server need not know
        return self

    def line(self) -> Line:
        """A socket. Raises UpstreamUnreachable."""
        return _Socket(_connected(self))


class _Socket:
    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self.sendall, self.recv_into = connected.sendall, connected.recv_into

    def hang_up(self) -> None:
        with suppress(OSError):  # the other side was first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def part(self) -> None:
        self.hang_up()


class Connection:
    """Raises UpstreamError, from every method; after one it is of no more use. `sent` and `received` count bytes.

    To open it may raise TurnedAway as well.
    """

    def __init__(self, address: Way, blueprint: Blueprint) -> None:
        self._incoming = Direction(b"down", opening_key(address.secret))
        self._outgoing = Direction(b"up", opening_key(address.secret))
        self.sent = self.received = 0
        self._line = address.line()
        try:
            self._greet(address.secret, blueprint)
        except BaseException:
            self.close()
            raise

    def call(self, body: bytes, answer_size: int) -> memoryview:
        """The body of the PRODUCT frame that answers a MULTIPLY frame, which has exactly this size."""
        answer = self._exchange(Kind.MULTIPLY, body, {Kind.PRODUCT: answer_size, Kind.REFUSAL: _REFUSAL_SIZE})
        if len(answer) != answer_size:
            raise UpstreamProtocolError("the encrypted endpoint's answer has the wrong length")
        return answer

    def ping(self) -> None:
        """Whether the server answers."""
        self._exchange(Kind.PING, b"", {Kind.PONG: 0, Kind.REFUSAL: _REFUSAL_SIZE})

    def close(self) -> None:
        """Hang up. May be called from another thread, whose call then fails."""
        self._line.hang_up()

    def part(self) -> None:
        """Hang up after the last answer."""
        self._line.part()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _greet(self, secret: bytes, blueprint: Blueprint) -> None:
        nonce = secrets.token_bytes(NONCE_SIZE)
        try:
            welcome = Welcome.from_bytes(self._exchange(Kind.HELLO, nonce, WELCOME_LIMITS))
        except Refused as refused:
            raise UpstreamProtocolError(str(refused)) from None
        if welcome.fingerprint != blueprint.fingerprint or welcome.parameters != blueprint.parameters:
            raise UpstreamProtocolError("the encrypted endpoint serves another model, or the same with other bits")
        key = session_key(secret, nonce, welcome.nonce, welcome.fingerprint)
        self._incoming.rekey(key)
        self._outgoing.rekey(key)

    def _exchange(self, kind: Kind, body: bytes, limits: dict[Kind, int]) -> memoryview:
        try:
            frame = self._outgoing.frame(kind, body)
            self._line.sendall(frame)
            self.sent += len(frame)
            head = self._incoming.head(bytes(self._read(HEAD_SIZE)), limits)
            answer = self._incoming.open(head, self._read(head.length + TAG_SIZE))
            if head.kind is Kind.REFUSAL:
                raise UpstreamError(_WORDS[read_refusal(answer)])
        except TimeoutError:
            raise UpstreamTimeout("the encrypted endpoint did not answer within the time limit") from None
        except Refused as refused:
            raise UpstreamProtocolError(str(refused)) from None
        except (OSError, ValueError):  # a TLS socket that was closed meanwhile says ValueError
            raise UpstreamTruncated("the connection to the encrypted endpoint broke") from None
        return answer

    def _read(self, size: int) -> bytearray:
        read, whole = 0, bytearray(size)
        while read < size:
            count = self._line.recv_into(memoryview(whole)[read:])
            if not count:
                raise UpstreamTruncated("the encrypted endpoint hung up")
            read += count
        self.received += size
        return whole


def _connected(address: Address) -> socket.socket:
    try:
        plain = socket.create_connection((address.host, address.port), timeout=address.connect_s)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected = plain if address.tls is None else address.tls.wrap_socket(plain, server_hostname=address.host)
    except OSError:
        raise UpstreamUnreachable("the encrypted endpoint cannot be reached, or its certificate is not trusted") from None
    connected.settimeout(address.answer_s)
    return connected
