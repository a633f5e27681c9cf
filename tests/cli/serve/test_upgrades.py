"""What callers do with a WebSocket beside using it must not fill the memory of whoever serves it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from gateway.cli.serve import lasting as serve_lasting
from gateway.cli.serve.gathered import GatheredHttp
from gateway.cli.serve.lasting import MOST_FRAGMENTS
from gateway.cli.serve.upgrades import upgrade_options


@asynccontextmanager
async def _served(done: asyncio.Event) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    """Accepts, sends more than anybody has read, and waits."""

    async def accept(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "bytes": bytes(8 * 2**20)})
        await done.wait()

    config = uvicorn.Config(accept, port=0, lifespan="off", log_level="error", http=GatheredHttp, **upgrade_options())
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server, server.servers[0].sockets[0].getsockname()[1]
    done.set()
    server.should_exit = True
    await serving


def _masked(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


async def test_pongs_that_nobody_reads_are_left_out() -> None:
    async with _served(asyncio.Event()) as (server, port), connect(f"ws://127.0.0.1:{port}/", compression=None) as caller:
        (served,) = server.server_state.connections
        while served.writable.is_set():  # type: ignore[union-attr]
            await asyncio.sleep(0.01)
        caller.transport.pause_reading()
        before = served.transport.get_write_buffer_size()
        caller.transport.write(_masked(Opcode.PING, bytes(125)) * 1000)
        caller.transport.write(_masked(Opcode.BINARY, b"!"))
        while not served.queue.qsize():  # type: ignore[union-attr]
            await asyncio.sleep(0.01)
        assert served.transport.get_write_buffer_size() <= before
        caller.transport.abort()


async def test_a_message_in_crumbs_is_not_kept() -> None:
    async with _served(asyncio.Event()) as (_, port), connect(f"ws://127.0.0.1:{port}/", compression=None) as caller:
        caller.transport.write(
            _masked(Opcode.BINARY, b"", fin=False) + _masked(Opcode.CONT, b"", fin=False) * (MOST_FRAGMENTS + 1)
        )
        await asyncio.wait_for(caller.wait_closed(), 10)


async def test_what_is_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve_lasting, "LINGERS_S", 0.01)
    done = asyncio.Event()
    async with _served(done) as (server, port), connect(f"ws://127.0.0.1:{port}/", compression=None) as caller:
        caller.transport.pause_reading()
        done.set()
        async with asyncio.timeout(10):
            while server.server_state.connections:
                await asyncio.sleep(0.01)
        caller.transport.abort()
