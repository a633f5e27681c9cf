"""What the pipeline knows of a backend: a deployment, a call to it, and the protocol that every adapter fulfils."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from gateway.exchange import Reply
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.servers import Preset

_KEY = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. `connect_s` includes the wait for a free connection of the pool.

    `first_byte_s` runs from the call to the first byte of the answer's body: for a plain answer that is the whole
    generation. `between_bytes_s` bounds every silence after it, `total_s` the whole exchange with the backend.
    """

    connect_s: float = 5.0
    first_byte_s: float = 300.0
    between_bytes_s: float = 60.0
    total_s: float = 600.0

    def __post_init__(self) -> None:
        if min(self.connect_s, self.first_byte_s, self.between_bytes_s, self.total_s) <= 0:
            raise ValueError("every time limit of a deployment must be above 0 seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Files in PEM. `ca_file` holds the only authorities that a backend's certificate may come from, instead of the system's;
    `cert_file`, with `key_file` where the key is not in it, is the certificate that the gateway shows to a backend that asks.
    """

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One served instance of a model. `base_url` ends where the surface begins: `http://gpu-1:8000/v1`.

    `model` is the name the backend knows the model by, where it is not the client's. `connections` are the most at once; who
    needs one more waits. `health_path` starts at the root of the host and stands for the one that the server's kind has.
    `shares_prefixes`: no call has a `cache_salt`. `max_reply_bytes` bounds a whole answer, plain or streamed, `max_line_bytes`
    one line or event of a stream. Raises ValueError for a URL that is not plain http(s), or a key that cannot stand in a
    header; neither text shows the value.
    """

    id: str
    base_url: str
    model: str | None = None
    api_key: SecretStr | None = None
    timeouts: Timeouts = Timeouts()
    server: Preset = Preset.OPENAI
    health_path: str | None = None
    shares_prefixes: bool = False
    tls: Tls | None = None
    connections: int = 1024
    max_reply_bytes: int = 64 * 1024 * 1024
    max_line_bytes: int = 4 * 1024 * 1024

    def __post_init__(self) -> None:
        if not _is_plain_http(self.base_url):
            raise ValueError("a deployment's base_url must be http(s)://host[:port][/path] without credentials or query")
        if self.api_key is not None and not _KEY.fullmatch(self.api_key.get_secret_value()):
            raise ValueError("a deployment's api_key must be visible ASCII without spaces or line breaks")


@dataclass(frozen=True, slots=True)
class Place:
    """Host and port of a backend, as its traces name it."""

    address: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamCall:
    """What is sent. `body` is redacted already; `traceparent` and `tracestate` (W3C) are the only headers that an exchange may
    add. `cache_salt` keeps the tenant's prompts apart in the server's cache, where it has one that can.
    """

    surface: Surface
    body: JsonObject = field(repr=False)
    stream: bool = False
    traceparent: str | None = None
    tracestate: str | None = None
    cache_salt: str | None = field(default=None, repr=False)


class Upstream(Protocol):
    """A protocol adapter for one deployment."""

    @property
    def place(self) -> Place:
        """Where the backend is."""

    async def send(self, call: UpstreamCall) -> Reply:
        """The backend's answer; a stream is returned once its first delta is there, so early failures have a status.

        An answer of 4xx that the client can act on is a plain reply. Raises UpstreamError, also out of `Reply.body`.
        Whoever holds the reply must exhaust its body or `aclose()` it: that hangs up on the backend.
        """

    async def healthy(self) -> bool:
        """Whether the backend answers now. Never raises."""

    async def close(self) -> None:
        """Close all connections. Afterwards every call is refused."""


def _is_plain_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    extras = parts.query or parts.fragment or parts.username or parts.password
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not extras and url.isprintable()
