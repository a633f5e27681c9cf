"""A scripted OpenAI-compatible backend on a real socket of the loopback.

    async with ScriptedBackend() as backend:            with backend_in_thread() as backend:
        backend.reply_with(lambda request: text(request, "hi").cut_every(1))
        ... base_url=backend.url ...
        backend.received[0].json, backend.wire_bytes, backend.open_connections, await backend.saw_disconnect()

Raw asyncio instead of a web framework: a test must decide about every byte. What it shows (`received`, `wire_bytes`, the
counters) may be read from any thread, and `reply_with` may be called from any thread.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import orjson

from tests.support.script import Ending, Request, Script, Scripter, echo

__all__ = ["ScriptedBackend", "backend_in_thread"]

_PATIENCE_S = 5.0


class ScriptedBackend:
    """Echoes until a test scripts it."""

    def __init__(self) -> None:
        self.received: list[Request] = []
        self.disconnects = 0
        self.connections = 0
        self._wire: list[bytes] = []
        self._scripter: Scripter = echo
        self._open: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    def reply_with(self, scripter: Scripter | Script) -> None:
        """Answer every further request by this script, or by what this function makes of the request."""
        self._scripter = (lambda _: scripter) if isinstance(scripter, Script) else scripter

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def wire_bytes(self) -> bytes:
        """Everything that came in over all connections: request lines, headers and bodies."""
        return b"".join(self._wire)

    def forget_wire(self) -> None:
        """Start `wire_bytes` anew, for tests that share a backend."""
        self._wire.clear()

    @property
    def open_connections(self) -> int:
        return len(self._open)

    async def saw_disconnect(self, within_s: float = _PATIENCE_S) -> None:
        """Wait until a client hung up in the middle of a reply; fail when none does. Works from any event loop."""
        deadline = time.monotonic() + within_s
        while not self.disconnects:
            if time.monotonic() > deadline:
                raise AssertionError("no client hung up in the middle of a reply")
            await asyncio.sleep(0.005)

    async def __aenter__(self) -> ScriptedBackend:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for connection in list(self._open):
            connection.abort()
        while self._open:
            await asyncio.sleep(0)
        await self._server.wait_closed()

    # What a connection reports.

    def opened(self, connection: _Connection) -> None:
        self.connections += 1
        self._open.add(connection)

    def closed(self, connection: _Connection, *, mid_reply: bool) -> None:
        self._open.discard(connection)
        self.disconnects += mid_reply

    def heard(self, data: bytes) -> None:
        self._wire.append(data)

    def answer(self, request: Request) -> Script:
        self.received.append(request)
        return self._scripter(request)


class _Connection(asyncio.Protocol):
    """One client: reads requests one after the other, and plays a script for each."""

    def __init__(self, backend: ScriptedBackend) -> None:
        self._backend = backend
        self._buffer = bytearray()
        self._playing: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._hung_up = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._backend.opened(self)

    def data_received(self, data: bytes) -> None:
        self._backend.heard(data)
        self._buffer += data
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        mid_reply = self._playing is not None and not self._hung_up
        if self._playing is not None:
            self._playing.cancel()
        self._transport = None
        self._backend.closed(self, mid_reply=mid_reply)

    def abort(self) -> None:
        self._hung_up = True
        if self._transport is not None:
            self._transport.abort()

    def _next(self) -> None:
        if self._playing is None and (request := take_request(self._buffer)) is not None:
            script = self._backend.answer(request)
            self._playing = asyncio.get_running_loop().create_task(self._play(script))

    async def _play(self, script: Script) -> None:
        await asyncio.sleep(script.head_delay_s)
        if not script.silent:
            self._write(_head(script))
            await self._write_body(script)
        await self._end(script.ending)
        self._playing = None
        self._next()

    async def _write_body(self, script: Script) -> None:
        for position, piece in enumerate(script.pieces()):
            if position:
                await asyncio.sleep(script.delay_s)
            self._write(b"%x\r\n%b\r\n" % (len(piece), piece))

    async def _end(self, ending: Ending) -> None:
        if ending is Ending.COMPLETE:
            self._write(b"0\r\n\r\n")
        elif ending is Ending.STALL:
            await asyncio.Event().wait()
        elif self._transport is not None:
            self._hung_up = True
            self._transport.close()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def take_request(buffer: bytearray) -> Request | None:
    """Take the first whole request off the buffer. Clients here send Content-Length, never chunks."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = buffer[:end].decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    start, size = end + 4, int(headers.get("content-length", 0))
    if len(buffer) < start + size:
        return None
    body = bytes(buffer[start : start + size])
    del buffer[: start + size]
    return Request(method=method, path=path, headers=headers, body=body, json=_parsed(body))


def _parsed(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _head(script: Script) -> bytes:
    headers = [("Content-Type", script.content_type), ("Transfer-Encoding", "chunked"), *script.headers]
    lines = [f"HTTP/1.1 {script.status} Scripted", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode()


@contextmanager
def backend_in_thread() -> Iterator[ScriptedBackend]:
    """The same backend in an event loop of its own, for tests that have none or several."""
    backend, ready, over = ScriptedBackend(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with backend:
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        if not ready.wait(_PATIENCE_S):
            raise RuntimeError("the scripted backend did not start")
        yield backend
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
