"""The way through a gateway: one WebSocket (RFC 6455) for each answer, opened with the caller's key.

Where a message begins and ends means nothing: frames have lengths of their own, and are cut into pieces so that nobody on the
way has to hold a whole one before it may judge it.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.http11 import Response
from websockets.sync.client import ClientConnection, connect

from gateway.errors import UpstreamUnreachable
from gateway.fhe.client.connection import TurnedAway

_PIECE = 256 * 1024
_PART_S = 2.0
_DIGITS = 6
_PORTS = {"http": 80, "https": 443}
_SCHEMES = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughGateway:
    """A `Way`. `url` ends in `/v1`; `tls` checks the certificate of an https address; `stated` are headers that say what
    requests are for. Times in seconds.
    """

    url: str
    key: str = field(repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    stated: Mapping[str, str] = field(default_factory=dict)
    connect_s: float = 30.0
    answer_s: float = 300.0
    asked: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or _PORTS.get(parts.scheme, 0)

    @property
    def secret(self) -> bytes:
        """None: the caller's key says who we are, TLS keeps others away, and what the server wants to hear the gateway says."""
        return b""

    @property
    def lasting(self) -> bool:
        return False

    def to_answer(self, model: str, prompt: int, most: int) -> ThroughGateway:
        return replace(self, asked=f"{quote(model)}?{urlencode({'prompt_tokens': prompt, 'max_tokens': most})}")

    def line(self) -> WebSocketLine:
        """Raises UpstreamUnreachable, and TurnedAway with what the gateway says."""
        parts = urlsplit(self.url)
        address = parts._replace(scheme=_SCHEMES[parts.scheme], path=f"{parts.path.rstrip('/')}/fhe/").geturl() + self.asked
        try:
            opened = connect(
                address,
                ssl=self.tls if parts.scheme == "https" else None,
                additional_headers={"authorization": f"Bearer {self.key}", **self.stated},
                compression=None,  # ciphertexts do not shrink
                open_timeout=self.connect_s,
                close_timeout=_PART_S,
                max_size=4 * _PIECE,
                proxy=None,
                user_agent_header=None,
                create_connection=_Named,
                legacy=True,  # a connection that outlives this call
            )
        except (OSError, WebSocketException):
            raise UpstreamUnreachable("the gateway cannot be reached, or its certificate is not trusted") from None
        return WebSocketLine(opened, self.answer_s)


class WebSocketLine:
    """A `Line`. `answer_s` bounds each silence."""

    def __init__(self, opened: ClientConnection, answer_s: float) -> None:
        self._opened = opened
        self._answer_s = answer_s
        self._rest = memoryview(b"")

    def sendall(self, data: bytes, /) -> None:
        view = memoryview(data)
        try:
            for start in range(0, len(data), _PIECE):
                self._opened.send(view[start : start + _PIECE])
        except ConnectionClosed:
            raise ConnectionError from None

    def recv_into(self, buffer: memoryview, /) -> int:
        while not self._rest:
            try:
                message = self._opened.recv(self._answer_s, decode=False)
            except ConnectionClosed:
                return 0
            self._rest = memoryview(message)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def hang_up(self) -> None:
        """Without a word: the gateway is to notice that this answer broke off."""
        with suppress(OSError):  # it has closed itself
            self._opened.socket.shutdown(socket.SHUT_RDWR)

    def part(self) -> None:
        with suppress(OSError, TimeoutError):
            self._opened.close()


class _Named(ClientConnection):
    """To the gateway that was named: `connect` would follow a redirect, to whatever place."""

    def handshake(self, *arguments: Any, **named: Any) -> None:
        """Raises TurnedAway."""
        try:
            super().handshake(*arguments, **named)
        except InvalidStatus as refused:
            raise _turned_away(refused.response) from None


def _turned_away(response: Response) -> TurnedAway:
    """What the gateway said, where it is a gateway. It may be anything: it is not what keeps the secret here."""
    wait, status = response.headers.get("retry-after", ""), response.status_code
    retry_after = int(wait[:_DIGITS]) if wait.isdecimal() else None
    return TurnedAway(status if status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_GATEWAY, _said(response.body), retry_after)


def _said(body: bytes | bytearray | None) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        told = json.loads(body or b"")
        if isinstance(told, dict) and isinstance(told.get("error"), dict):
            return told
    message = "The gateway's address answered, but not as a gateway that has an encrypted endpoint."
    return {"error": {"message": message, "type": "upstream_error", "param": None, "code": "upstream_error"}}
