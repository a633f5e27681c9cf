"""A connection without a request is given up; one with a request is not, however long its answer takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from gateway.cli.serve.gathered import GatheredHttp

REQUEST = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"


class Impatient(GatheredHttp):
    head_timeout_s = 0.2


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Server:
    """Answers `x` when it may go on."""

    def __init__(self, port: int, go_on: asyncio.Event) -> None:
        self.go_on = go_on
        self._port = port
        self._lines: list[Line] = []

    async def line(self, said: bytes) -> Line:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(said)
        self._lines.append((reader, writer))
        return reader, writer

    async def given_up(self, said: bytes) -> bool:
        """Whether it hangs up on a client that says this and then nothing."""
        reader, _ = await self.line(said)
        async with asyncio.timeout(20):
            return await reader.read() == b""

    async def close(self) -> None:
        for _, writer in self._lines:
            writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    go_on = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
        await send({"type": "http.response.body", "body": b"x"})

    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, http=Impatient, ws="none", timeout_keep_alive=600)
    server = uvicorn.Server(config)
    served = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    here = Server(server.servers[0].sockets[0].getsockname()[1], go_on)
    try:
        yield here
    finally:
        await here.close()
        server.should_exit = True
        await served


@pytest.mark.parametrize("said", [b"", b"\r\n", b"G", REQUEST[:-1], b"GET / HTTP/1.1\r\nhost: here\r\nx-a: " + b"a" * 1_000])
async def test_who_asks_nothing_is_given_up(said: bytes) -> None:
    async with serving() as server:
        assert await server.given_up(said)


async def test_an_answer_may_take_longer_and_so_may_the_next_request() -> None:
    async with serving() as server:
        reader, writer = await server.line(REQUEST)
        assert await server.given_up(b"")  # so much time has passed
        server.go_on.set()
        assert (await reader.readuntil(b"\r\n\r\nx")).startswith(b"HTTP/1.1 200")
        assert await server.given_up(b"")
        writer.write(REQUEST)
        assert (await reader.readuntil(b"\r\n\r\nx")).startswith(b"HTTP/1.1 200")


async def test_half_of_a_further_head_is_not_waited_for() -> None:
    async with serving() as server:
        server.go_on.set()
        for further in (b"\r\n", REQUEST[:10]):
            reader, writer = await server.line(REQUEST)
            await reader.readuntil(b"\r\n\r\nx")
            writer.write(further)
            async with asyncio.timeout(20):
                assert await reader.read() == b""
