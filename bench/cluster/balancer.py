"""A load balancer in a page: connections to each server in turn. `python -m bench.cluster.balancer PORT SERVER_PORT...`

It stands for whatever one has in front of the gateways. It knows nothing of HTTP and keeps nobody with a server. A server
that refuses is passed over; what was begun with one that dies is cut off, as everywhere.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress

_PIECE = 65_536
_CONNECT_S = 2.0


class Balancer:
    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._turn = 0

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for port in self._in_turn():
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(_CONNECT_S):
                    there = await asyncio.open_connection("127.0.0.1", port)
                await _joined((reader, writer), there)
                return
        writer.close()

    def _in_turn(self) -> list[int]:
        """Every server once; each connection begins with another one."""
        self._turn = (self._turn + 1) % len(self._ports)
        return [*self._ports[self._turn :], *self._ports[: self._turn]]


async def _joined(
    one: tuple[asyncio.StreamReader, asyncio.StreamWriter], other: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    """Until either side ends."""
    ways = [asyncio.ensure_future(_carried(one[0], other[1])), asyncio.ensure_future(_carried(other[0], one[1]))]
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in ways:
        way.cancel()
    for writer in (one[1], other[1]):
        writer.close()


async def _carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    with suppress(KeyboardInterrupt):
        asyncio.run(Balancer(given[1:]).serve(given[0]))
