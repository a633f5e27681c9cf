"""Clients that people use, unmodified, before a gateway that redacts: `make proof-clients`, or some, `BENCH="codex ai"`.

Each is installed in its newest version and told nothing but a base URL and a key. The backend answers as vLLM does and keeps
what it hears. A client fails where its user does not read the originals, where a refusal is not its own typed error, and where
the backend has heard of anybody.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.clients.catalogue import CLIENTS, Client
from bench.clients.environments import NotInstalled, command, environment, installed
from bench.clients.server import Backend, serving
from bench.systems import NotReady, Service, free_port

HOME = Path(__file__).parent / ".environments"
_PATIENCE_S = 600
_MARK = "@@"
_PLANTED = ("Alice", "Johnson", "alice.johnson", "张伟", "13812345678", "ghp_abcdefghijklmnopqrstuvwxyz0123456789")
_POLICY = """\
version: 1
deployments:
  gpu: {{base_url: "{backend}", server: vllm}}
  down: {{base_url: "http://127.0.0.1:9/v1", server: vllm}}
models:
  model: {{deployments: [gpu]}}
  down: {{deployments: [down]}}
tenants:
  proof:
    models: [model, down]
    entities: {{default: placeholder, DATE_TIME: keep, SECRET: block}}
    reply: {{restore: true, store: 1h}}
    knowledge: {{write: ["*"]}}
    principals: {{app: {{}}}}
"""


class ClientsFail(Exception):
    """At least one client does not work as it does elsewhere, or the backend has heard of somebody."""


@dataclass(slots=True)
class Tried:
    """What one client told: versions, cases, and faults by the case's name."""

    name: str
    versions: str = ""
    cases: int = 0
    faults: dict[str, str] = field(default_factory=dict)

    def hear(self, line: str) -> None:
        """A line of a program's output; what is not marked is the client's own talk."""
        if not line.startswith(_MARK):
            return
        told = json.loads(line.removeprefix(_MARK))
        if "versions" in told:
            self.versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
            return
        self.cases += 1
        if told["fault"] is not None:
            self.faults[told["case"]] = told["fault"]


def main() -> None:
    """Raises ClientsFail."""
    wanted = _options().clients
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-clients-")))
        backend = stack.enter_context(serving())
        base_url, key = _gateway(folder, backend.url, stack)
        tried = [_try(client, folder, backend, base_url, key) for client in CLIENTS if not wanted or client.name in wanted]
    if any(one.faults for one in tried):
        raise ClientsFail


def leaked(heard: list[bytes]) -> list[str]:
    """Which planted values are in what the backend heard, as they are or escaped as JSON allows, once or twice."""
    wire = b"\n".join(heard).replace(b"\\\\", b"\\")
    return [value for value in _PLANTED if value.encode() in wire or json.dumps(value)[1:-1].encode() in wire]


def _try(client: Client, folder: Path, backend: Backend, base_url: str, key: str) -> Tried:
    tried, scratch = Tried(client.name), folder / client.name
    scratch.mkdir()
    backend.heard.clear()
    try:
        home = installed(client, HOME)
        environ = environment(home, scratch, base_url, key)
        done = subprocess.run(
            command(client, home), env=environ, cwd=scratch, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
        for line in done.stdout.splitlines():
            tried.hear(line)
        if done.returncode or not tried.cases:
            tried.faults["the program"] = done.stderr[-400:]
    except (NotInstalled, subprocess.TimeoutExpired) as fault:
        tried.faults["the program"] = str(fault)
    if leaks := leaked(backend.heard):
        tried.faults["the backend"] = f"has heard {leaks}"
    _show(tried, len(backend.heard))
    return tried


def _show(tried: Tried, requests: int) -> None:
    verdict = "FAILS" if tried.faults else "works"
    print(f"{verdict}  {tried.name}: {tried.cases} cases, {requests} requests ({tried.versions})", flush=True)
    for name, fault in tried.faults.items():
        print(f"       {name}: {' '.join(fault.split())}", flush=True)


def _gateway(folder: Path, backend: str, stack: ExitStack) -> tuple[str, str]:
    """`gateway serve`, until the stack ends: its base URL and a key."""
    policy, state, port = folder / "policy.yaml", folder / "state", free_port()
    policy.write_text(_POLICY.format(backend=backend), encoding="utf-8")
    gateway, where = [sys.executable, "-m", "gateway"], ["--state-dir", str(state)]
    issue = [*gateway, "keys", "issue", "--tenant", "proof", "--principal", "app", *where]
    issued = subprocess.run(issue, capture_output=True, text=True, check=False)
    if issued.returncode:
        raise NotReady(f"no key could be issued:\n{issued.stderr}")
    serve = [*gateway, "serve", "--policy", str(policy), *where, "--port", str(port)]
    probe = f"http://127.0.0.1:{port}/readyz"
    stack.enter_context(Service(name="gateway", command=serve, probe=probe, log=folder / "log"))
    return f"http://127.0.0.1:{port}/v1", issued.stdout.strip()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [client.name for client in CLIENTS]
    parser.add_argument("clients", nargs="*", choices=names, metavar="client", help=f"of {', '.join(names)}; none: all")
    return parser.parse_args()


if __name__ == "__main__":
    main()
