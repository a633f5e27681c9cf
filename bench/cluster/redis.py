"""A Redis server on a port of the loopback that keeps nothing on disk: killed and started again it is empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from bench.cluster.server import Server
from bench.systems import REDIS_SERVER, free_port


@contextmanager
def redis(folder: Path, *, options: Sequence[str] = ()) -> Iterator[tuple[Server, str]]:
    """The running server and its URL."""
    port = free_port()
    server = Server(
        name="redis",
        command=[REDIS_SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *options],
        answers=lambda: _answers(port),
        log=folder / "redis.log",
    )
    try:
        server.start()
        yield server, f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()


def _answers(port: int) -> bool:
    with Redis(port=port, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False
