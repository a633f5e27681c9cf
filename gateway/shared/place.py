"""The one place where connections to Redis are made, whatever they are for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff

from gateway.errors import ProtectionUnavailable
from gateway.settings import Settings
from gateway.shared.address import Address, Kind, read_address


@dataclass(frozen=True, slots=True)
class RedisPlace:
    """Where Redis is, and under which prefix our names stand there. Nothing of the URL is shown: it may hold a password.

    Each use has a pool of its own, of at most `connections`: one that is stuck does not take the others' away.
    Raises ProtectionUnavailable for a URL or a file of certificates that cannot be used.
    """

    url: str = field(repr=False)
    prefix: str = "gateway"
    ca_file: Path | None = None
    connections: int = 32
    _address: Address = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_address", read_address(self.url))
        if self.ca_file is not None and not self.ca_file.is_file():
            raise ProtectionUnavailable("the file of the authorities that certify Redis cannot be read")

    def client(self, timeout_s: float) -> Redis:
        """A client that connects at its first step. `timeout_s` is for each: to connect, to get a connection, to be answered.

        Nothing is tried twice: a step whose answer was lost may have been done, and a count would count double. A cluster's
        client has the same commands; keys that one command names have to carry the same hash tag.
        """
        made = {Kind.SERVER: self._server, Kind.SENTINEL: self._sentinel, Kind.CLUSTER: self._cluster}[self._address.kind]
        return made(timeout_s)

    def _server(self, timeout_s: float) -> Redis:
        tls = self._authorities() if self._address.tls else {}
        options: dict[str, Any] = {**_patience(timeout_s), **tls, **self._address.options}
        return Redis.from_pool(BlockingConnectionPool(max_connections=self.connections, timeout=timeout_s, **options))

    def _sentinel(self, timeout_s: float) -> Redis:
        """The Sentinels have a user of their own: `sentinel_username` and `sentinel_password` in the URL, or none."""
        options = dict(self._address.options)
        own = {name: options.pop(f"sentinel_{name}", None) for name in ("username", "password")}
        common = {**_patience(timeout_s), **self._tls()}
        manager: Any = Sentinel  # which has no types
        sentinel = manager(self._address.nodes, sentinel_kwargs={**common, **own}, **common, **options)
        return cast("Redis", sentinel.master_for(self._address.service, max_connections=self.connections))

    def _cluster(self, timeout_s: float) -> Redis:
        nodes = [ClusterNode(host, port) for host, port in self._address.nodes]
        options: dict[str, Any] = {**_patience(timeout_s), **self._tls(), **self._address.options}
        return cast("Redis", RedisCluster(startup_nodes=nodes, max_connections=self.connections, **options))

    def _tls(self) -> dict[str, Any]:
        return {"ssl": True, **self._authorities()} if self._address.tls else {}

    def _authorities(self) -> dict[str, Any]:
        return {"ssl_ca_certs": str(self.ca_file)} if self.ca_file is not None else {}


async def close(client: Redis) -> None:
    """Also what the client asked on its way."""
    await client.aclose()
    pool = getattr(client, "connection_pool", None)
    if isinstance(pool, SentinelConnectionPool):
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def redis_place(settings: Settings) -> RedisPlace | None:
    """None where each process is on its own. Raises ProtectionUnavailable."""
    if settings.redis_url is None:
        return None
    return RedisPlace(
        settings.redis_url.get_secret_value(),
        prefix=settings.redis_prefix,
        ca_file=settings.redis_ca_file,
        connections=settings.redis_connections,
    )


def _patience(timeout_s: float) -> dict[str, Any]:
    return {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 3,
    }
