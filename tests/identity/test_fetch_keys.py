"""Key sets over a real socket, and from real files."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from gateway.errors import Unauthenticated
from gateway.identity.authenticator import connected
from gateway.identity.fetch_keys import fetch_keys
from gateway.identity.issuers import Issuers
from gateway.identity.key_set import MAX_BYTES
from gateway.rules.identity import JwksPlace
from tests.identity.signing import NOW, claims, ec, published, rsa, rules, signed


class Server:
    """What an identity provider serves at /keys, and how often it was asked."""

    def __init__(self) -> None:
        self.body = published(rsa())
        self.status = 200
        self.asked = 0
        self.url = ""

    async def keys(self, request: web.Request) -> web.Response:
        self.asked += 1
        headers = {"location": self.url + "?again"} if self.status == 302 and not request.query_string else {}
        status = 200 if request.query_string else self.status
        return web.Response(body=self.body, status=status, headers=headers)

    async def endless(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(2 * MAX_BYTES // 65_536):
            await answer.write(b" " * 65_536)
        return answer


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    app = web.Application()
    app.add_routes([web.get("/keys", made.keys), web.get("/endless", made.endless)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}/keys"
    yield made
    await runner.cleanup()


async def test_from_a_url(server: Server) -> None:
    assert (await fetch_keys(JwksPlace(url=server.url))).find("r1", "RS256")


@pytest.mark.parametrize("status", [204, 302, 404, 500])
async def test_any_other_answer_is_none(server: Server, status: int) -> None:
    server.status = status
    with pytest.raises(ValueError, match="200"):
        await fetch_keys(JwksPlace(url=server.url))
    assert server.asked == 1  # a redirect is not followed


async def test_an_answer_without_end_is_cut(server: Server) -> None:
    with pytest.raises(ValueError, match="too large"):
        await fetch_keys(JwksPlace(url=server.url.replace("/keys", "/endless")))


async def test_nobody_there(server: Server) -> None:
    with pytest.raises(OSError, match="not reachable"):
        await fetch_keys(JwksPlace(url="http://127.0.0.1:1/keys"))


async def test_without_tls_no_proxy_carries_the_keys(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert (await fetch_keys(JwksPlace(url=server.url))).find("r1", "RS256")


async def test_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with pytest.raises(OSError, match="No such file"):
        await fetch_keys(JwksPlace(file=path))
    path.write_bytes(published(ec()))
    assert (await fetch_keys(JwksPlace(file=path))).find("e1", "ES256")
    path.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(ValueError, match="too large"):
        await fetch_keys(JwksPlace(file=path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="regular"):
        await fetch_keys(JwksPlace(file=tmp_path / "pipe"))


async def test_rotation_is_followed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Issuers((rules(jwks=JwksPlace(url=server.url)),), connected, b"k" * 32)
    assert (await made.verify(signed(claims()), NOW)).id == "alice"
    server.body = published(ec())
    with pytest.raises(Unauthenticated, match="not signed with a key"):
        await made.verify(signed(claims(), ec(), "ES256"), NOW)  # too soon to ask again
    assert server.asked == 1
    monkeypatch.setattr("gateway.identity.key_source.PAUSE_S", 0.0)
    assert (await made.verify(signed(claims(), ec(), "ES256"), NOW)).id == "alice"
    with pytest.raises(Unauthenticated, match="not signed with a key"):
        await made.verify(signed(claims()), NOW)  # the old key is withdrawn, also for a token seen before
    await made.close()
