"""The balancer of the benches and of `make run-cluster`."""

from __future__ import annotations

import asyncio
from collections import Counter

from bench.cluster.balancer import Balancer
from tests.support.calls import closed_port


async def named(name: bytes) -> tuple[asyncio.Server, int]:
    async def say(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(name)
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    return server, int(server.sockets[0].getsockname()[1])


async def asked(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = await reader.read()
    writer.close()
    return heard


async def test_connections_take_turns_and_a_server_that_refuses_is_passed_over() -> None:
    """Also when many come at once: each tries every server, whoever else is choosing."""
    (one, first), (two, second), port = await named(b"one"), await named(b"two"), closed_port()
    balancing = asyncio.create_task(Balancer([first, closed_port(), second]).serve(port))
    while True:
        try:
            await asked(port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            break
    heard = Counter(await asyncio.gather(*(asked(port) for _ in range(30))))
    assert heard.keys() == {b"one", b"two"}
    assert heard.total() == 30
    balancing.cancel()
    one.close()
    two.close()
