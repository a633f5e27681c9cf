"""A server process that can be started, killed, frozen and started again on the same port."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.systems import NotReady

_PATIENCE_S = 120.0
_FOREIGN = ("OTEL_", "GATEWAY_")


@dataclass(slots=True, kw_only=True, eq=False)
class Server:
    """`user` is whom it runs as; `answers` tells whether it is ready. What is done to it is done to all its processes."""

    name: str
    command: Sequence[str]
    answers: Callable[[], bool]
    log: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Returns when it answers. Raises NotReady with the end of its log."""
        self.begin()
        self.wait()

    def wait(self) -> None:
        """Until it answers. Raises NotReady with the end of its log."""
        deadline = time.monotonic() + _PATIENCE_S
        while not self.answers():
            if not self.runs or time.monotonic() > deadline:
                raise NotReady(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-2_000:]}")
            time.sleep(0.05)

    def begin(self) -> None:
        """Start it without waiting."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(self.command),
                env={**inherited, **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
            )

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def cpu_seconds(self) -> float:
        """User and system time of all its processes, so far."""
        return sum(sum(one.cpu_times()[:2]) for one in self._family())

    def kill(self) -> None:
        """As a machine that loses power: no process gets to say anything."""
        self._tell(signal.SIGKILL)

    def freeze(self) -> None:
        """It is there, and answers nothing."""
        for one in self._family():
            one.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        for one in self._family():
            one.send_signal(signal.SIGCONT)

    def stop(self, *, within_s: float = 60.0) -> int:
        """In good order; killed if that takes too long. The exit status."""
        if self._process is None:
            return 0
        with suppress(subprocess.TimeoutExpired):
            self._process.terminate()
            return self._process.wait(within_s)
        self.kill()
        return self._process.returncode

    def hang_up(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def wait_for_log(self, words: str) -> None:
        """Until it has said this. Raises NotReady."""
        deadline = time.monotonic() + _PATIENCE_S
        while words not in self.log.read_text(errors="replace"):
            if time.monotonic() > deadline:
                raise NotReady(f"{self.name} did not say: {words}")
            time.sleep(0.05)

    def children(self) -> list[psutil.Process]:
        """Its worker processes: what multiprocessing started, without its resource tracker."""
        return [one for one in self._family()[1:] if "spawn_main" in " ".join(one.cmdline())]

    def _tell(self, number: signal.Signals) -> None:
        family = self._family()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(number)
        if self._process is not None:
            self._process.wait()
        psutil.wait_procs(family, timeout=10)

    def _family(self) -> list[psutil.Process]:
        if not self.runs or self._process is None:
            return []
        head = psutil.Process(self._process.pid)
        return [head, *head.children(recursive=True)]
