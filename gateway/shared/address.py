"""The forms that the URL of Redis may have::

    redis://user:password@host:6379/0                  one server
    rediss://...                                       the same over TLS
    unix:///path/to/redis.sock                         one server on this machine
    redis+sentinel://user:password@one,two/service/0   a primary that these Sentinels name
    redis+cluster://user:password@one,two              a cluster that these nodes belong to

`rediss+sentinel` and `rediss+cluster` are the latter two over TLS. Behind a question mark may stand what `QUERY` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from redis.asyncio.connection import parse_url

from gateway.errors import ProtectionUnavailable

SCHEMES = (
    "redis://",
    "rediss://",
    "unix://",
    "redis+sentinel://",
    "rediss+sentinel://",
    "redis+cluster://",
    "rediss+cluster://",
)
QUERY = frozenset(
    {
        "client_name",
        "db",
        "health_check_interval",
        "password",
        "sentinel_password",
        "sentinel_username",
        "socket_keepalive",
        "ssl_certfile",
        "ssl_keyfile",
    }
)
"""Nothing that would make a wait longer, or leave a certificate unchecked."""
_SENTINEL_PORT = 26379
_REDIS_PORT = 6379


class Kind(StrEnum):
    """What answers at the other end."""

    SERVER = "server"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Address:
    """A URL, read. `options` hold the password, so they are not shown."""

    kind: Kind
    tls: bool
    nodes: tuple[tuple[str, int], ...] = ()
    service: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


def read_address(url: str) -> Address:
    """Raises ProtectionUnavailable, without the URL: it may hold a password."""
    if not url.startswith(SCHEMES):
        raise ProtectionUnavailable(f"the URL of Redis has to begin with one of {', '.join(SCHEMES)}")
    try:
        parts = urlsplit(url)
        if not {name for name, _ in parse_qsl(parts.query)} <= QUERY:
            raise ProtectionUnavailable(f"behind the question mark, the URL of Redis may have {', '.join(sorted(QUERY))}")
        return _read(url, parts)
    except ValueError:
        raise ProtectionUnavailable("the URL of Redis cannot be read") from None


def _read(url: str, parts: SplitResult) -> Address:
    scheme, _, form = parts.scheme.partition("+")
    kind, tls = Kind(form or Kind.SERVER), scheme == "rediss"
    if kind is Kind.SERVER:
        return Address(kind, tls, options=parse_url(url))
    login, _, hosts = parts.netloc.rpartition("@")
    nodes = tuple(_node(host, _SENTINEL_PORT if kind is Kind.SENTINEL else _REDIS_PORT) for host in hosts.split(","))
    service, _, database = parts.path.strip("/").partition("/")
    if bool(service) != (kind is Kind.SENTINEL):
        raise ValueError("a service is what Sentinels know")
    return Address(kind, tls, nodes, service, _options(login, database, parts))


def _node(host: str, port: int) -> tuple[str, int]:
    read = urlsplit(f"//{host}")
    if not read.hostname:
        raise ValueError("a node needs a host")
    return read.hostname, read.port or port


def _options(login: str, database: str, parts: SplitResult) -> dict[str, Any]:
    """The user, the database and what stands behind the question mark, as redis-py reads them."""
    options: dict[str, Any] = {**parse_url(f"redis://{login}@/{int(database or 0)}?{parts.query}")}
    return {name: value for name, value in options.items() if name != "db" or value}
