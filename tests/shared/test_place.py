"""Real servers: with users, over TLS, behind a Sentinel, as a cluster."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.exceptions import ConnectionError as Lost

from gateway.caching.redis_store import RedisStore
from gateway.caching.store import Name
from gateway.errors import ProtectionUnavailable, RateLimited
from gateway.limits.limiter import Costs
from gateway.limits.stores import on_redis
from gateway.obligations import Limit, LimitKind
from gateway.settings import Settings
from gateway.shared.place import RedisPlace, close, redis_place
from tests.shared.conftest import SECRET
from tests.shared.servers import Proxy, Sentinel, Server, certified

TIMEOUT_S = 10.0
LIMITS = [
    Limit(scope="tenants.bank", kind=LimitKind.REQUESTS, amount=2, period_s=86_400),
    Limit(scope="tenants.bank.principals.ann", kind=LimitKind.CONCURRENT, amount=2),
]


@contextmanager
def stopping(server: Server) -> Iterator[Server]:
    yield server
    server.stop()


async def asked(place: RedisPlace, *command: str) -> Any:
    client = place.client(TIMEOUT_S)
    try:
        return await client.execute_command(*command)  # type: ignore[no-untyped-call]
    finally:
        await close(client)


async def counted_and_kept(place: RedisPlace) -> None:
    """Both uses work there, with all their scripts."""
    limiter, store = on_redis(place, SECRET, timeout_s=TIMEOUT_S), RedisStore(place, SECRET, budget_s=TIMEOUT_S)
    for _ in range(2):
        permit = await limiter.acquire(LIMITS, Costs())
        await permit.release()
    with pytest.raises(RateLimited):
        await limiter.acquire(LIMITS, Costs())
    name = Name("bank", "m", b"k" * 32)
    fence = (await store.get(name)).fence
    await store.put(name, b"sealed", ttl_s=60, fence=fence)
    assert (await store.get(name)).sealed == b"sealed"
    lease = await store.lease(name)
    assert lease is not None
    await lease.release()
    assert await store.clear("bank") == 1
    await limiter.close()
    await store.close()


async def test_the_protocol_is_the_third(server: Server) -> None:
    assert (await asked(RedisPlace(server.url), "HELLO"))[b"proto"] == 3


async def test_a_user_with_rights_of_its_own(server: Server) -> None:
    server.client.execute_command(
        "ACL SETUSER gate on >hunter2 resetkeys ~gateway:* resetchannels &gateway:* +@all -@dangerous"
    )
    try:
        url = server.url.replace("//", "//gate:hunter2@")
        await counted_and_kept(RedisPlace(url))
        with pytest.raises(NoPermissionError):
            await asked(RedisPlace(url), "SET", "other", "1")
        with pytest.raises(AuthenticationError):
            await asked(RedisPlace(url.replace("hunter2", "hunter3")), "PING")
    finally:
        server.client.execute_command("ACL DELUSER gate")


async def test_tls_with_an_authority_of_ones_own(server: Server, tmp_path: Path) -> None:
    (context, authority), (_, other) = certified(tmp_path, "redis"), certified(tmp_path, "other")
    async with Proxy(server.port, context) as proxy:
        await counted_and_kept(RedisPlace(proxy.url, ca_file=authority))
        for place in (RedisPlace(proxy.url, ca_file=other), RedisPlace(proxy.url)):
            with pytest.raises(Lost):
                await asked(place, "PING")
        elsewhere = RedisPlace(proxy.url.replace("127.0.0.1", "localhost"), ca_file=authority)
        with pytest.raises(Lost):
            await asked(elsewhere, "PING")


def test_authorities_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProtectionUnavailable, match="authorities"):
        RedisPlace("rediss://cache", ca_file=tmp_path / "none.crt")


async def test_a_primary_that_a_sentinel_names(server: Server) -> None:
    with stopping(Sentinel(server)) as sentinel:
        await counted_and_kept(RedisPlace(f"redis+sentinel://127.0.0.1:{sentinel.port}/main"))
        with pytest.raises(Lost):
            await asked(RedisPlace(f"redis+sentinel://127.0.0.1:{sentinel.port}/other"), "PING")


@pytest.fixture
def cluster() -> Iterator[Server]:
    with stopping(Server("--cluster-enabled", "yes")) as node:
        node.client.execute_command("CLUSTER ADDSLOTS", *range(16_384))
        for _ in range(1_000):
            if node.client.execute_command("CLUSTER INFO")["cluster_state"] == "ok":
                break
            time.sleep(0.01)
        yield node


async def test_a_cluster(cluster: Server) -> None:
    """Which refuses commands whose keys do not carry one hash tag."""
    await counted_and_kept(RedisPlace(f"redis+cluster://127.0.0.1:{cluster.port}"))


def test_settings_say_where(tmp_path: Path) -> None:
    assert redis_place(Settings()) is None
    authority = tmp_path / "ca.crt"
    authority.touch()
    settings: dict[str, Any] = {"redis_url": "rediss://cache", "redis_prefix": "one", "redis_ca_file": authority}
    place = RedisPlace("rediss://cache", prefix="one", ca_file=authority, connections=4)
    assert redis_place(Settings(**settings, redis_connections=4)) == place
