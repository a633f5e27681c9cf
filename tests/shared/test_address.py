"""The forms of the URL, and those that are refused without a word of what stood in them."""

from __future__ import annotations

import pytest

from gateway.errors import ProtectionUnavailable
from gateway.shared.address import Kind, read_address
from gateway.shared.place import RedisPlace


def test_one_server() -> None:
    address = read_address("redis://gate:pass%2Fword@cache.example:6380/3?client_name=gate")
    assert (address.kind, address.tls) == (Kind.SERVER, False)
    assert address.options == {
        "username": "gate",
        "password": "pass/word",
        "host": "cache.example",
        "port": 6380,
        "db": 3,
        "client_name": "gate",
    }


def test_over_tls() -> None:
    assert read_address("rediss://cache.example").tls
    assert read_address("rediss+cluster://cache.example").tls
    assert not read_address("unix:///run/redis.sock").tls


def test_sentinels() -> None:
    address = read_address("redis+sentinel://gate:secret@one,two:26380,[::1]:7/main/2?sentinel_password=other")
    assert (address.kind, address.service) == (Kind.SENTINEL, "main")
    assert address.nodes == (("one", 26379), ("two", 26380), ("::1", 7))
    assert address.options == {"username": "gate", "password": "secret", "db": 2, "sentinel_password": "other"}


def test_a_cluster() -> None:
    address = read_address("rediss+cluster://:secret@one,two:6380")
    assert (address.kind, address.nodes) == (Kind.CLUSTER, (("one", 6379), ("two", 6380)))
    assert address.options == {"password": "secret"}


@pytest.mark.parametrize(
    "url",
    [
        "http://gate:hunter2@cache",
        "redis+other://gate:hunter2@cache",
        "redis://gate:hunter2@cache:port",
        "redis+sentinel://gate:hunter2@one",
        "redis+sentinel://gate:hunter2@/main",
        "redis+cluster://gate:hunter2@one/service",
        "redis+cluster://gate:hunter2@one:port",
        "rediss://gate:hunter2@cache?ssl_cert_reqs=none",
        "redis://gate:hunter2@cache?socket_timeout=900",
    ],
)
def test_what_is_refused_is_not_repeated(url: str) -> None:
    with pytest.raises(ProtectionUnavailable, match="Redis") as refused:
        RedisPlace(url)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_place_shows_no_password() -> None:
    place = RedisPlace("redis+sentinel://gate:hunter2@one/main?sentinel_password=hunter3")
    assert "hunter" not in repr(place) + str(place) + repr(read_address(place.url))
