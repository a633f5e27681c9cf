"""A backend in a process of its own, which ends when we do."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from urllib.error import URLError
from urllib.request import urlopen

_PATIENCE_S = 120.0


class BackendUnavailable(Exception):
    """The backend could not be started; the text says why."""


class BackendProcess:
    """`python -m gateway.embedded.<kind> HOST PORT …`. It watches its standard input, and so ends even if we are killed."""

    def __init__(self, kind: str, address: tuple[str, int], arguments: list[str], *, log: Path) -> None:
        self.log = log
        self._command = [sys.executable, "-P", "-m", f"gateway.embedded.{kind}", address[0], str(address[1]), *arguments]
        self._probe = f"http://{address[0]}:{address[1]}/v1/models"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when the backend answers. Raises BackendUnavailable."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + _PATIENCE_S
        while not self._answers():
            if self._process.poll() is not None:
                raise BackendUnavailable(f"it ended with status {self._process.returncode}; see {self.log}")
            if time.monotonic() > deadline:
                self.stop()
                raise BackendUnavailable(f"it did not answer within {_PATIENCE_S:g} seconds; see {self.log}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> BackendProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _answers(self) -> bool:
        try:
            with urlopen(self._probe, timeout=1) as answer:  # noqa: S310 - a loopback address of ours
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False
