"""A gateway as its own process, as an operator starts and stops it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
from typer.testing import CliRunner

from gateway.cli.keys.commands import app as keys_cli
from tests.support.calls import closed_port

_STARTS_S = 180.0
_PLAIN = {"GATEWAY_DRAIN_NOTICE_S": "0", "GATEWAY_HEALTH_INTERVAL_S": "0"}
"""Nobody is told before a test ends the gateway, and a backend receives what a test sends."""


@dataclass(frozen=True)
class GatewayProcess:
    """`gateway serve`, serving. `http` sends the key of principal `app` of tenant `acme`."""

    process: subprocess.Popen[bytes]
    http: httpx.Client


@contextmanager
def gateway_process(
    state: Path, policy: str, environ: Mapping[str, str] | None = None, *, stdout: IO[bytes] | None = None
) -> Iterator[GatewayProcess]:
    """Serve `policy`; what still runs when the block ends is killed."""
    path, port = state / "policy.yaml", closed_port()
    path.write_text(policy, encoding="utf-8")
    headers = {"authorization": f"Bearer {_issue_key(state)}"}
    options = ["--policy", str(path), "--state-dir", str(state), "--port", str(port)]
    command = [sys.executable, "-m", "gateway", "serve", *options]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", **_PLAIN, **(environ or {})}
    with (
        subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL, env=environment) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/v1", headers=headers, timeout=30) as http,
    ):
        try:
            _wait_until_it_serves(process, http)
            yield GatewayProcess(process, http)
        finally:
            process.kill()


def _issue_key(state: Path) -> str:
    issued = CliRunner().invoke(keys_cli, ["issue", "--tenant", "acme", "--principal", "app", "--state-dir", str(state)])
    assert issued.exit_code == 0, issued.output
    return issued.stdout.strip().splitlines()[-1]


def _wait_until_it_serves(process: subprocess.Popen[bytes], http: httpx.Client) -> None:
    deadline = time.monotonic() + _STARTS_S
    while True:
        try:
            assert http.get("/models").status_code == 200
        except httpx.TransportError:
            assert process.poll() is None, "the gateway ended"
            assert time.monotonic() < deadline, "the gateway did not start"
            time.sleep(0.1)
        else:
            return
