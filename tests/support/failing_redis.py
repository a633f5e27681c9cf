"""A real Redis behind a line that fails at a command which a test names: errors of a server in trouble, silence, lost answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeAlias

from redis import Redis

_OTHERS = (b"HELLO", b"CLIENT", b"SELECT", b"PING", b"SUBSCRIBE", b"UNSUBSCRIBE", b"PUBLISH")
"""What clients say beside their work, and what gateways tell each other."""


class Line:
    """One client's connection, and that to the server for it. `at` fails are told to the client here."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter, store: Redis) -> None:
        self.client = client
        self.server = server
        self.store: Any = store
        self.deaf = False

    def cut(self) -> None:
        self.client.transport.abort()
        self.server.transport.abort()


Fault: TypeAlias = Callable[[Line, bytes], Awaitable[None]]
"""Is given the line and the command, which nobody else passes on."""


async def lost_before(line: Line, _: bytes) -> None:
    line.cut()


async def lost_after(line: Line, command: bytes) -> None:
    """It is done, and nobody is told."""
    line.deaf = True
    line.server.write(command)
    await asyncio.sleep(0.01)
    line.cut()


async def silent(_: Line, __: bytes) -> None:
    """Nothing is done and nothing said."""


async def evicted(line: Line, command: bytes) -> None:
    """All that was there is gone by the time that it is done."""
    line.store.flushall()
    line.server.write(command)


async def of_another_type(line: Line, command: bytes) -> None:
    """Under every name stands what none of us wrote."""
    for key in line.store.keys("*"):
        line.store.delete(key)
        line.store.rpush(key, "nothing of ours")
    line.server.write(command)


def refused(words: str) -> Fault:
    """In place of it, the server answers with this error."""

    async def refuse(line: Line, _: bytes) -> None:
        line.client.write(f"-{words}\r\n".encode())

    return refuse


class FailingRedis:
    """Counts the commands of all clients while `during` is open, and fails at one of these, or from it on."""

    def __init__(self, socket: str) -> None:
        self.hit = False
        self.commands: list[bytes] = []
        self._socket = socket
        self._store = Redis(unix_socket_path=socket)
        self._at = 0
        self._fault: Fault = silent
        self._for_good = False

    @contextmanager
    def during(self, at: int, fault: Fault, *, for_good: bool = False) -> Iterator[None]:
        self.hit, self._fault, self._for_good, self._at = False, fault, for_good, at
        self.commands.clear()
        try:
            yield
        finally:
            self._at = 0

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """The URL under which it is reached."""
        server = await asyncio.start_server(self._attended, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.close()
            self._store.close()

    async def _attended(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, away = await asyncio.open_unix_connection(self._socket)
        line = Line(writer, away, self._store)
        back = asyncio.create_task(_back(there, line))
        with suppress(OSError, EOFError):
            while True:
                command = await _command(reader)
                if self._is_time(command):
                    await self._fault(line, command)
                else:
                    away.write(command)
        line.cut()
        await back

    def _is_time(self, command: bytes) -> bool:
        if not self._at or command.split(b"\r\n", 3)[2].upper() in _OTHERS or b":probe" in command:
            return False
        self.commands.append(command)
        due = len(self.commands) == self._at or (self._for_good and len(self.commands) > self._at)
        self.hit |= due
        return due


async def _back(there: asyncio.StreamReader, line: Line) -> None:
    with suppress(OSError):
        while piece := await there.read(65_536):
            if not line.deaf:
                line.client.write(piece)
        line.cut()


async def _command(reader: asyncio.StreamReader) -> bytes:
    """One whole command, as it came: an array of strings (https://redis.io/docs/latest/develop/reference/protocol-spec/)."""
    head = await reader.readuntil(b"\r\n")
    came = [head]
    for _ in range(int(head[1:])):
        size = await reader.readuntil(b"\r\n")
        came += [size, await reader.readexactly(int(size[1:]) + 2)]
    return b"".join(came)
