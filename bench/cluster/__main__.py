"""Runs the topology until Ctrl-C: `make run-cluster`."""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from bench.cluster.topology import topology
from bench.systems import Service, free_port

_POLICY = """\
version: 1
deployments:
  backend: {{base_url: "{backend}"}}
models:
  {model}: {{deployments: [backend]}}
tenants:
  demo:
    models: [{model}]
    entities: {{default: placeholder, DATE_TIME: keep, CREDIT_CARD: mask, SECRET: block}}
    reply: {{restore: true}}
    cache: tenant
    limits: {{requests: 600/minute, concurrent: 64}}
    principals: {{app: {{}}}}
"""
_WORDS = """\
{count} gateways behind {url}, over one Redis and one Postgres; {what}. Try, in another terminal:

  curl {url}/chat/completions -H "authorization: Bearer {key}" -H "content-type: application/json" \\
    -d '{{"model": "{model}", "messages": [{{"role": "user", "content": "Write to ann.lee@example.org"}}]}}'

Gateways: {gateways}. Logs: {folder}. Ctrl-C ends everything.
"""


def main() -> None:
    """Serve until told to end; nothing is kept."""
    given = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ExitStack() as stack:
        backend = given.backend or _mock(stack)
        running = stack.enter_context(
            topology(lambda _: _POLICY.format(backend=backend, model=given.model), gateways=given.gateways, port=given.port)
        )
        words = {"key": running.shared.issue("demo", "app"), "url": running.url, "model": given.model}
        what = f"the model is at {given.backend}" if given.backend else "a mock says what it was told"
        names = ", ".join(f"{machine.name} on port {machine.command[5]}" for machine in running.gateways)
        print(_WORDS.format(**words, count=given.gateways, what=what, gateways=names, folder=running.shared.folder))
        sys.stdout.flush()
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("ending ...")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Two gateways, a balancer, Redis and Postgres, as processes.")
    parser.add_argument("--port", type=int, default=8080, help="of the balancer")
    parser.add_argument("--gateways", type=int, default=2, help="how many")
    parser.add_argument(
        "--backend", default="", help="base URL of a model server, such as http://127.0.0.1:8090/v1; default: a mock"
    )
    parser.add_argument("--model", default="bench-echo", help="the model's name there")
    return parser.parse_args()


def _mock(stack: ExitStack) -> str:
    port = free_port()
    base = f"http://127.0.0.1:{port}/v1"
    command = [sys.executable, "-m", "bench.mock_backend", str(port)]
    stack.enter_context(Service(name="backend", command=command, probe=f"{base}/models", log=Path("/dev/null")))
    return base


if __name__ == "__main__":
    main()
