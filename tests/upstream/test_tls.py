"""Backends behind TLS, and those that cannot be reached: real sockets, a made-up authority."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from gateway.errors import UpstreamUnreachable
from gateway.upstream.base import Deployment, Tls
from gateway.upstream.openai_http import OpenAiHttp
from tests.support.calls import chat, failure, read
from tests.support.certificates import Authority, authority

ANSWER = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("ca"))


@asynccontextmanager
async def serving(certificate: tuple[Path, Path], *, clients_of: Path | None = None) -> AsyncIterator[str]:
    """The base URL of a backend with this certificate. It asks clients for theirs if it knows an authority for them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    if clients_of is not None:
        context.load_verify_locations(clients_of)
        context.verify_mode = ssl.CERT_REQUIRED

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            body = orjson.dumps(ANSWER)
            head = (
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
                % len(body)
            )
            writer.write(head + body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


@asynccontextmanager
async def reaching(url: str, tls: Tls | None) -> AsyncIterator[OpenAiHttp]:
    upstream = OpenAiHttp(Deployment(id="test", base_url=url, tls=tls))
    yield upstream
    await upstream.close()


async def test_an_authority_of_ones_own(ca: Authority) -> None:
    async with serving(ca.issue("backend")) as url, reaching(url, Tls(ca_file=ca.file)) as upstream:
        assert await read(await upstream.send(chat("hi"))) == [ANSWER]
        assert await upstream.healthy()


@pytest.mark.parametrize("expired", [True, False])
async def test_a_certificate_that_does_not_hold(ca: Authority, expired: bool) -> None:
    """Expired, or of an authority that the system does not know."""
    tls = Tls(ca_file=ca.file) if expired else None
    async with serving(ca.issue("backend", expired=expired)) as url, reaching(url, tls) as upstream:
        assert type(await failure(upstream, chat("hi"))) is UpstreamUnreachable
        assert not await upstream.healthy()


async def test_a_backend_that_asks_who_calls(ca: Authority) -> None:
    cert_file, key_file = ca.issue("gateway")
    async with serving(ca.issue("backend"), clients_of=ca.file) as url:
        async with reaching(url, Tls(ca_file=ca.file, cert_file=cert_file, key_file=key_file)) as known:
            assert await read(await known.send(chat("hi"))) == [ANSWER]
        async with reaching(url, Tls(ca_file=ca.file)) as unknown:
            await failure(unknown, chat("hi"))


async def test_files_that_are_gone(tmp_path: Path) -> None:
    async with reaching("https://127.0.0.1:1/v1", Tls(ca_file=tmp_path / "gone.pem")) as upstream:
        assert type(await failure(upstream, chat("hi"))) is UpstreamUnreachable
        assert not await upstream.healthy()


async def test_a_name_that_nobody_knows() -> None:
    async with reaching("http://no-such-backend.invalid/v1", None) as upstream:
        assert type(await failure(upstream, chat("hi"))) is UpstreamUnreachable
