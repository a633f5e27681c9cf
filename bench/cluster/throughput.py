"""How much more two workers do than one: `make bench-cluster`.

The same clients, the same requests, a mock backend that costs little; one machine, so clients, backend, Redis and Postgres
share its cores with the workers. On a machine with few cores the ratio in throughput says more about the machine than about
the gateway: the CPU time of a request, with one worker and with two, says whether working together costs anything.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.cluster.gateways import Shared, port_of
from bench.cluster.postgres import postgres
from bench.cluster.redis import redis
from bench.cluster.server import Server
from bench.driver import Job
from bench.measure import Driver, driving
from bench.systems import Service, free_port

_POLICY = """\
version: 1
deployments:
  backend: {{base_url: "{backend}"}}
models:
  bench: {{deployments: [backend]}}
tenants:
  bench:
    models: [bench]
    entities: {{default: placeholder}}
    reply: {{restore: true}}
    limits: {{requests: 1000000/minute}}
    principals: {{driver: {{}}}}
"""
_CLIENTS = 16
_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Measured:
    per_s: float
    cpu_ms: float
    failed: int


def main() -> None:
    """Print a line for one worker, one for two, and the ratio: medians over rounds in which both are asked by turns."""
    given = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gateway-cluster-")))
        folder.chmod(0o755)  # Postgres runs as somebody else
        driver, shared = stack.enter_context(driving()), stack.enter_context(_shared(folder))
        key = shared.issue("bench", "driver")
        running = {workers: stack.enter_context(_gateway(shared, workers)) for workers in (1, 2)}
        rounds = [
            {workers: _measured(gateway, key, driver, number, given.requests) for workers, gateway in running.items()}
            for number in range(given.rounds)
        ]
    print(
        f"{os.cpu_count()} cores, {given.rounds} rounds of {given.requests} requests"
        f" of {_CHARACTERS} characters from {_CLIENTS} clients"
    )
    for workers in running:
        found = [one[workers] for one in rounds]
        print(
            f"workers: {workers}; {median(one.per_s for one in found):.1f} requests/s,"
            f" {median(one.cpu_ms for one in found):.2f} ms of CPU time each, {sum(one.failed for one in found)} failed"
        )
    throughput, cost = (median(how(one) for one in rounds) for how in (_throughput, _cost))
    print(f"two to one: {throughput:.2f} in throughput, {cost:.2f} in CPU time for each request")


def _throughput(found: Mapping[int, Measured]) -> float:
    return found[2].per_s / found[1].per_s


def _cost(found: Mapping[int, Measured]) -> float:
    return found[2].cpu_ms / found[1].cpu_ms


@contextmanager
def _shared(folder: Path) -> Iterator[Shared]:
    port = free_port()
    base = f"http://127.0.0.1:{port}/v1"
    command = [sys.executable, "-m", "bench.mock_backend", str(port)]
    with (
        Service(name="backend", command=command, probe=f"{base}/models", log=folder / "backend.log"),
        redis(folder) as (_, redis_url),
        postgres(folder) as (_, database_url),
    ):
        policy = folder / "policy.yaml"
        policy.write_text(_POLICY.format(backend=base), encoding="utf-8")
        shared = Shared(folder=folder, policy=policy, redis_url=redis_url, database_url=database_url)
        shared.provide()
        yield shared


@contextmanager
def _gateway(shared: Shared, workers: int) -> Iterator[Server]:
    """It serves with all its workers, and is warm."""
    gateway = shared.machine(f"with-{workers}", workers=workers)
    try:
        gateway.start()
        gateway.wait_for_log("Listening on")
        yield gateway
    finally:
        gateway.stop()


def _measured(gateway: Server, key: str, driver: Driver, number: int, requests: int) -> Measured:
    """No prompt is sent twice; the first ones of a round open connections."""
    first = number * 1_000_000
    driver.do(_job(gateway, key, first=first, requests=_CLIENTS * 4))
    before = gateway.cpu_seconds()
    outcome = driver.do(_job(gateway, key, first=first + 500_000, requests=requests))
    spent = gateway.cpu_seconds() - before
    return Measured((requests - outcome.failed) / outcome.wall_s, spent * 1_000 / requests, outcome.failed)


def _job(gateway: Server, key: str, *, first: int, requests: int) -> Job:
    return Job(
        url=f"http://127.0.0.1:{port_of(gateway)}/v1/chat/completions",
        key=key,
        model="bench",
        stream=False,
        language="en",
        characters=_CHARACTERS,
        first=first,
        requests=requests,
        clients=_CLIENTS,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=300, help="how many are timed in a round, for each")
    parser.add_argument("--rounds", type=int, default=5, help="how often")
    return parser.parse_args()


if __name__ == "__main__":
    main()
