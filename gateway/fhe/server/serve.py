"""Listens for clients. Memory is bounded: so many clients, each with one frame, and a product at a time a thread."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.fhe.server.session import Patience, Session
from gateway.fhe.server.weights import ServedModel

_HANG_UPS = (OSError, EOFError, TimeoutError)
_READ_AHEAD = 256 * 1024
_MOST_TURNED_AWAY = 8
_TURN_AWAY_S = 5.0
_PART_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`clients` at once; products are computed in `threads`, one each at a time."""

    clients: int = 32
    threads: int = 1
    patience: Patience = field(default_factory=Patience)


@dataclass(slots=True)
class Server:
    """A model on a port. `open` counts the clients that are connected."""

    model: ServedModel
    secret: bytes = field(default=b"", repr=False)
    limits: Limits = field(default_factory=Limits)
    open: int = 0
    _turning_away: int = 0

    @asynccontextmanager
    async def listening(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[asyncio.Server]:
        """Serves until the block ends; then it hangs up. Raises OSError where it cannot listen."""
        tasks = set[asyncio.Task[None]]()
        with ThreadPoolExecutor(self.limits.threads, thread_name_prefix="fhe") as pool:

            async def run(work: Callable[[], bytes]) -> bytes:
                return await asyncio.get_running_loop().run_in_executor(pool, work)

            async def attended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                session = Session(self.model, self.secret, run, self.limits.patience, reader, writer)
                try:
                    with suppress(*_HANG_UPS):
                        await self._attend(session)
                    await _part(writer)
                finally:
                    writer.transport.abort()  # whatever is left unsent goes too

            def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                """No coroutine: asyncio (CPython before 3.12) would log those that we cancel at the end as faults."""
                task = asyncio.create_task(attended(reader, writer))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

            server = await asyncio.start_server(connected, host, port, ssl=tls, limit=_READ_AHEAD)
            try:
                yield server
            finally:
                server.close()
                for task in list(tasks):
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await asyncio.sleep(0)  # transports hang up in the loop's next round

    async def _attend(self, session: Session) -> None:
        if self.open >= self.limits.clients:
            await self._turn_away(session)
            return
        self.open += 1
        try:
            await session.serve()
        finally:
            self.open -= 1

    async def _turn_away(self, session: Session) -> None:
        if self._turning_away >= _MOST_TURNED_AWAY:
            return
        self._turning_away += 1
        try:
            async with asyncio.timeout(_TURN_AWAY_S):
                await session.turn_away()
        finally:
            self._turning_away -= 1


async def _part(writer: asyncio.StreamWriter) -> None:
    """Say goodbye (TLS does) to a client that reads. One that leaves our answers unread does not keep them in our memory."""
    if writer.transport.get_write_buffer_size():
        return
    writer.close()
    with suppress(*_HANG_UPS):
        async with asyncio.timeout(_PART_S):
            await writer.wait_closed()


def server_tls(certificate: Path, key: Path) -> ssl.SSLContext:
    """Raises OSError (of which ssl.SSLError is one) for files that hold no certificate and key, or an encrypted key: OpenSSL
    would ask for its password at the terminal, and wait.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key, password=_no_password)
    return context


def _no_password() -> str:
    raise OSError("encrypted keys are not supported")
