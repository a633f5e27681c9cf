from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Scope

from gateway.api.client import Client, bearer, credential_of, peer_of
from gateway.errors import BodyTimeout, PayloadTooLarge


def client(*messages: Message, headers: dict[str, str] | None = None, limit: int = 10, timeout: float = 1.0) -> Client:
    waiting: Iterator[Message] = iter(messages)

    async def receive() -> Message:
        for message in waiting:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    scope: Scope = {"type": "http", "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()]}
    return Client(scope, receive, max_body_bytes=limit, body_timeout_s=timeout)


def piece(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_pieces_are_put_together() -> None:
    assert await client(piece(b"ab", more=True), piece(b"", more=True), piece(b"c"))() == b"abc"


async def test_a_declared_length_is_refused_before_a_byte_is_read() -> None:
    with pytest.raises(PayloadTooLarge):
        await client(headers={"content-length": "11"})()


async def test_an_undeclared_length_is_measured() -> None:
    with pytest.raises(PayloadTooLarge):
        await client(piece(b"123456", more=True), piece(b"78901", more=True))()


async def test_a_slow_body_is_not_waited_for() -> None:
    with pytest.raises(BodyTimeout):
        await client(piece(b"1", more=True), timeout=0.02)()


async def test_gone_waits_until_the_body_is_read_and_then_for_the_hang_up() -> None:
    here = client(piece(b"1"), {"type": "http.disconnect"})
    gone = asyncio.create_task(here.gone())
    await asyncio.sleep(0)
    assert not gone.done()
    assert await here() == b"1"
    await asyncio.wait_for(gone, 1)


async def test_a_hang_up_within_the_body_is_seen_and_gives_no_body() -> None:
    here = client(piece(b"1", more=True), {"type": "http.disconnect"}, timeout=60)
    reading = asyncio.ensure_future(here())
    await asyncio.wait_for(here.gone(), 1)
    await asyncio.sleep(0)
    assert not reading.done()
    reading.cancel()


@pytest.mark.parametrize(
    ("header", "credential"),
    [(None, None), ("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Bearer", ""), ("", "")],
)
def test_bearer(header: str | None, credential: str | None) -> None:
    assert bearer(header) == credential


@pytest.mark.parametrize(
    ("scope", "address"),
    [({"client": ("10.0.0.1", 5)}, "10.0.0.1"), ({"client": None}, None), ({}, None), ({"client": ("", 0)}, "")],
)
def test_the_other_end_is_the_sockets_whatever_headers_say(scope: Scope, address: str | None) -> None:
    headers = [(b"x-forwarded-for", b"192.0.2.1"), (b"forwarded", b"for=192.0.2.1")]
    assert peer_of({"type": "http", "headers": headers, **scope}).address == address


def test_every_value_of_a_header_is_seen() -> None:
    headers = [(b"x-subject", b"CN=a"), (b"other", b"1"), (b"x-subject", b"CN=b")]
    peer = peer_of({"type": "http", "headers": headers, "client": None})
    assert peer.header("X-Subject") == ["CN=a", "CN=b"]
    assert peer.header("missing") == []


def test_a_client_knows_its_other_end() -> None:
    assert client().peer.address is None


@pytest.mark.parametrize("header", ["Basic abc", "pgw_aaaaaaaa_key", "Bearer\tabc", " Basic abc"])
def test_another_scheme_is_a_wrong_credential_and_not_none(header: str) -> None:
    assert bearer(header) == "not-bearer"


@pytest.mark.parametrize("second", [b"Bearer two", b"Basic two", b""])
def test_two_credentials_are_one_wrong_one(second: bytes) -> None:
    headers = Headers(raw=[(b"authorization", b"Bearer one"), (b"authorization", second)])
    assert credential_of(headers) not in (None, "", "one", "two")


def test_no_header_is_no_credential() -> None:
    assert credential_of(Headers(raw=[])) is None


def test_two_headers_of_one_name_are_nobodys_purpose() -> None:
    scope: Scope = {
        "type": "http",
        "headers": [(b"x-gateway-purpose", b"support"), (b"x-gateway-purpose", b"research"), (b"x-gateway-consent", b"c-1")],
    }
    stated = Client(scope, _never, max_body_bytes=1, body_timeout_s=1).stated
    assert (stated.purpose, stated.consent) == ("support, research", "c-1")


async def _never() -> Message:
    raise AssertionError
