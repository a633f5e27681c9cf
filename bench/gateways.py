"""The gateway as it is run, with a policy and a state folder of its own: `python -m gateway serve`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.systems import NotReady, Service, System, free_port

_POLICY = """\
version: 1
deployments:
  backend: {{base_url: "{backend}"}}
models:
  bench: {{deployments: [backend]}}
  bench-paced: {{deployments: [backend]}}
  bench-slow: {{deployments: [backend]}}
  bench-echo: {{deployments: [backend]}}
tenants:
  bench:
    models: [bench, bench-paced, bench-slow, bench-echo]
    entities: {entities}
    reply: {{restore: true}}
    principals: {{driver: {{}}}}
"""
# As in policies/demo.yaml.
REDACT = "{default: placeholder, DATE_TIME: keep, CREDIT_CARD: mask, SECRET: block}"
KEEP = "{default: keep}"


def gateway(name: str, folder: Path, *, backend: str, entities: str, environ: Mapping[str, str] | None = None) -> System:
    """A gateway to be started: its files are in `folder`, its key is issued."""
    folder.mkdir()
    policy, state, port = folder / "policy.yaml", folder / "state", free_port()
    policy.write_text(policy_of(backend, entities))
    options = ["--policy", str(policy), "--state-dir", str(state), "--port", str(port)]
    service = Service(
        name=name,
        command=[sys.executable, "-m", "gateway", "serve", *options],
        probe=f"http://127.0.0.1:{port}/healthz",
        log=folder / "log",
        environ=environ or {},
    )
    return System(
        name=name,
        base_url=f"http://127.0.0.1:{port}/v1",
        key=_key(state),
        services=(service,),
        redacts=entities == REDACT,
    )


def policy_of(backend: str, entities: str) -> str:
    """A policy of one tenant, one backend and one caller."""
    return _POLICY.format(backend=backend, entities=entities)


def traced(collector: str) -> dict[str, str]:
    """Settings that export every span. Batches leave soon, so that their cost falls into the cell that caused it."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": collector, "OTEL_BSP_SCHEDULE_DELAY": "100"}


def _key(state: Path) -> str:
    command = [sys.executable, "-m", "gateway", "keys", "issue", "--tenant", "bench", "--principal", "driver"]
    done = subprocess.run([*command, "--state-dir", str(state)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReady(f"no key could be issued:\n{done.stderr}")
    return done.stdout.strip()
