"""The server with the gateway in it: it says when it listens, refuses beyond its limits, and leaves in good order."""

from __future__ import annotations

import asyncio
import math
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import partial
from types import FrameType
from typing import TypeAlias, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.server import ServerState

from gateway.api.crowd import Crowd
from gateway.cli.serve import collector
from gateway.drain import Drain

Announce: TypeAlias = Callable[[int, int | None], None]
"""Hears the port, and that of administration where it has one of its own."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """How the gateway in a server is told to leave, and how many seconds before its port is closed."""

    drain: Drain
    notice_s: float


def url_of(host: str, port: int) -> str:
    """Without a path; an IPv6 address stands in brackets (RFC 3986, 3.2.2)."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _BoundedServer(uvicorn.Server):
    """Refuses by itself what is beyond `limit_concurrency`, which uvicorn would do in its own words. It sleeps while nobody
    asks: uvicorn's own wakes ten times a second, to see whether it is to end and what time it is.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        self._ending = _Ending()
        super().__init__(config)
        self.server_state = DatedState(config)
        most, config.limit_concurrency = config.limit_concurrency, None
        if most is not None:
            config.app = Crowd(cast(ASGIApp, config.app), partial(_is_full, self.server_state, most))

    @property
    def should_exit(self) -> bool:
        return self._ending.told

    @should_exit.setter
    def should_exit(self, told: bool) -> None:
        self._ending.tell(told)

    async def main_loop(self) -> None:
        """Until somebody says that it is to end."""
        await self._ending.wait()


class _Ending:
    """Whether the server is to end. May be told from any thread, and from a signal's handler."""

    def __init__(self) -> None:
        self.told = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()

    def tell(self, told: bool) -> None:
        self.told = told
        if told and self._loop is not None:
            with suppress(RuntimeError):  # that loop has ended
                self._loop.call_soon_threadsafe(self._woken.set)

    async def wait(self) -> None:
        self._loop = asyncio.get_running_loop()
        if not self.told:  # what is told from here on wakes the loop
            await self._woken.wait()


class DatedState(ServerState):
    """What answers of uvicorn's begin with, the time by the second (RFC 9110, 6.6.1) among it: made when asked for."""

    def __init__(self, config: uvicorn.Config) -> None:
        self._config = config
        self._second = 0
        self._headers: list[tuple[bytes, bytes]] = []
        super().__init__()

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        second = int(time.time())
        if second != self._second:
            date = [(b"date", formatdate(second, usegmt=True).encode())] if self._config.date_header else []
            self._second, self._headers = second, date + self._config.encoded_headers
        return self._headers

    @default_headers.setter
    def default_headers(self, headers: list[tuple[bytes, bytes]]) -> None:
        """uvicorn lays an empty list at first."""


def _is_full(state: ServerState, most: int) -> bool:
    """Whether there are more than so many connections, this one among them, or requests."""
    return len(state.connections) > most or len(state.tasks) > most


class _BesideServer(_BoundedServer):
    """A second server in the same loop. Signals are for the first, which ends it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.told = asyncio.Event()
        """Set when it listens, or never will."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Where it cannot listen it logs why and ends; the exit that uvicorn wants would tear the loop from under the first."""
        try:
            await super().startup(sockets)
        except SystemExit:
            self.should_exit = True
        finally:
            self.told.set()


class AnnouncingServer(_BoundedServer):
    """Says so when it listens: a command pasted before that would be refused. Serves another one for as long as itself."""

    def __init__(
        self,
        config: uvicorn.Config,
        announce: Announce,
        beside: uvicorn.Config | None = None,
        beside_socket: socket.socket | None = None,
        farewell: Farewell | None = None,
        stalled_s: float | None = None,
    ) -> None:
        """Where a socket is given, the port in the configuration is not listened to. `stalled_s`: how long a client may leave
        bytes lying before its connection is given up.
        """
        super().__init__(config)
        self._stalled_s = stalled_s
        self._farewell = farewell
        self._announce = announce
        self._beside_sockets = [beside_socket] if beside_socket else None
        self._beside = _BesideServer(beside) if beside else None
        self._serving: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._stalled_s is not None:
            _give_up_stalled(self, self._stalled_s)
        if self.started and self._beside is not None:
            self._serving = asyncio.create_task(self._beside.serve(self._beside_sockets))
            await self._beside.told.wait()
            if not self._beside.started:
                await self.shutdown(sockets)
                sys.exit(STARTUP_FAILURE)
        if self.started:
            collector.settle()
            self._announce(_port_of(self), _port_of(self._beside) if self._beside else None)

    async def main_loop(self) -> None:
        """And then a time in which it serves on, and says that it is about to leave: balancers look elsewhere meanwhile."""
        await super().main_loop()
        if self._farewell is not None:
            self._farewell.drain.begin()
            await asyncio.sleep(self._farewell.notice_s)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The other one first, because they share parts that end with this one; both within one time limit."""
        if self._farewell is not None:
            self._stop_listening()
            self._farewell.drain.end()
        if self._beside is not None and self._serving is not None:
            began = time.monotonic()
            self._stop_listening()
            self._beside.should_exit = True
            await self._serving
            left = (self.config.timeout_graceful_shutdown or 0) - int(time.monotonic() - began)
            self.config.timeout_graceful_shutdown = max(1, left)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A second Ctrl-C waits for neither of them."""
        if self._farewell is not None and sig == signal.SIGINT:
            self._farewell = replace(self._farewell, notice_s=0.0)  # somebody sits at the keyboard, and no balancer asks
        super().handle_exit(sig, frame)
        if self._beside is not None:
            self._beside.force_exit = self.force_exit

    def _stop_listening(self) -> None:
        """As uvicorn does it, only sooner: what comes now goes to another gateway."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()


def _give_up_stalled(server: uvicorn.Server, seconds: float) -> None:
    """Let the system end connections whose clients read nothing (RFC 5482; on Linux, where accepted sockets inherit it).
    Closed by us alone, one would stay as long as its client lets bytes lie, for they have to be sent first.
    """
    if option := getattr(socket, "TCP_USER_TIMEOUT", None):
        for listening in (each for one in server.servers for each in one.sockets):
            listening.setsockopt(socket.IPPROTO_TCP, option, min(math.ceil(seconds * 1_000), 2**31 - 1))


def _port_of(server: uvicorn.Server) -> int:
    return port_of(server.servers[0].sockets[0])


def port_of(bound: socket.socket) -> int:
    """The port that it is bound to, also where any free one was asked for."""
    return int(bound.getsockname()[1])
