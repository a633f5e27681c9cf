"""`gateway demo` as a process of its own, as `make run` starts it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from gateway.audit.act import Action
from gateway.audit.act_reader import read_acts
from gateway.audit.event import ExchangeRecord
from gateway.audit.reader import read_exchanges
from tests.store.databases import sqlite_at

ROOT = Path(__file__).parents[2]
SITE = Path(__file__).parent / "site"
_START_S = 180.0
_STOP_S = 30.0
_RECORD_S = 5.0


@dataclass(frozen=True)
class Demo:
    """A demo that serves. `port` is the gateway's, `backend_port` that of the model or the echo behind it."""

    folder: Path
    port: int
    backend_port: int
    process: psutil.Popen

    @property
    def home(self) -> Path:
        """The home folder of the user who runs it: a new one, of which nothing but our own state should be made."""
        return self.folder / "home"

    @property
    def printed(self) -> str:
        return (self.folder / "out.txt").read_text(encoding="utf-8")

    @property
    def told(self) -> str:
        """Progress and messages, which go to standard error."""
        return (self.folder / "err.txt").read_text(encoding="utf-8")

    @property
    def base_url(self) -> str:
        return self._printed(r"base URL +(\S+)")

    @property
    def key(self) -> str:
        return self._printed(r"API key +(\S+)")

    @property
    def model(self) -> str:
        return self._printed(r"model +(\S+)")

    @property
    def explorer(self) -> str:
        return self._printed(r"explorer +(\S+)")

    @property
    def person(self) -> str:
        """The officer's key."""
        return self._printed(r"log in +(\S+)")

    @property
    def curl(self) -> str:
        """The curl line, as printed."""
        return self._printed(r"^(curl .*)$")

    @property
    def snippet(self) -> str:
        """The Python snippet in its heredoc, as printed."""
        return self._printed(r"^(\S+ - <<'EOF'\n.*?\nEOF)$")

    @property
    def query(self) -> str:
        """The line that asks the record, as printed."""
        return self._printed(r"^(\S+ -m gateway audit list .*)$")

    def post(self, surface: str, body: Mapping[str, object]) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx.post(f"{self.base_url}/{surface}", json={"model": self.model, **body}, headers=headers, timeout=60)

    def acts(self) -> list[str]:
        """What was done to the gateway, but for the loading of its policy."""
        rows = read_acts(sqlite_at(self.folder / "state" / "audit.sqlite"), limit=10)
        return [str(row.act.action) for row in rows if row.act.action is not Action.POLICY_LOAD]

    def latest_record(self) -> ExchangeRecord:
        """Of the latest exchange, once it is complete: its completion is entered a moment after the answer has gone out."""
        deadline = time.monotonic() + _RECORD_S
        while True:
            (row,) = read_exchanges(sqlite_at(self.folder / "state" / "audit.sqlite"), limit=1)
            if row.completed_at is not None:
                return row.record
            assert time.monotonic() < deadline, "the exchange was never completed in the record"
            time.sleep(0.02)

    def family(self) -> list[psutil.Process]:
        """The demo and every process that it started."""
        return [self.process, *self.process.children(recursive=True)]

    def interrupt(self) -> int:
        """Ctrl-C in its terminal; returns the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return int(self.process.wait(timeout=_STOP_S))

    def _printed(self, pattern: str) -> str:
        found = re.search(pattern, self.printed, re.MULTILINE | re.DOTALL if "\\n" in pattern else re.MULTILINE)
        assert found is not None, f"the demo did not print {pattern}"
        return found.group(1)


@contextmanager
def running_demo(
    folder: Path, *arguments: str, under: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[Demo]:
    """`gateway demo ARGUMENTS`, on free ports, with its state in `folder`; whatever happens, nothing of it stays.

    `under` is a command that runs it, such as a tracer. Of this process's environment it gets only PATH.
    """
    port, backend_port = free_port(), free_port()
    _copy_policies(folder, backend_port)
    (folder / "home").mkdir()
    own = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "PYTHONPATH": os.pathsep.join(map(str, (SITE, ROOT)))}
    command = [*under, sys.executable, "-m", "gateway", "demo", "--port", str(port), "--state-dir", "state", *arguments]
    with (folder / "out.txt").open("wb") as out, (folder / "err.txt").open("wb") as err:
        process = psutil.Popen(
            command,
            cwd=folder,
            env={**own, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            preexec_fn=_as_in_a_terminal_of_one_core,
        )
    demo = Demo(folder, port, backend_port, process)
    try:
        _await(demo)
        yield demo
    finally:
        _end(demo)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _copy_policies(folder: Path, backend_port: int) -> None:
    """The shipped policies but for the backend's port, which another demo on this machine may hold."""
    shutil.copytree(ROOT / "policies", folder / "policies")
    for name in ("demo.yaml", "demo-echo.yaml"):
        file = folder / "policies" / name
        moved, changed = re.subn(r"(base_url: http://127\.0\.0\.1:)\d+", rf"\g<1>{backend_port}", file.read_text("utf-8"))
        assert changed == 1
        file.write_text(moved, "utf-8")


def _as_in_a_terminal_of_one_core() -> None:
    """A shell's background jobs, and what they start, ignore SIGINT.

    llama.cpp's threads wait for each other by spinning: where other tests take the cores, that is most of what they do.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _await(demo: Demo) -> None:
    """Until all is printed and the gateway answers."""
    deadline = time.monotonic() + _START_S
    while not ("Ctrl-C" in demo.printed and _answers(demo)):
        assert demo.process.poll() is None, demo.told
        assert time.monotonic() < deadline, demo.told
        time.sleep(0.1)


def _answers(demo: Demo) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{demo.port}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _end(demo: Demo) -> None:
    if demo.process.poll() is None:
        for process in demo.family():
            process.kill()
    demo.process.wait(timeout=_STOP_S)
