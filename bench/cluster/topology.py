"""The topology of docker-compose.yml as processes: two gateways behind a balancer, over one Redis and one Postgres."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from bench.cluster.gateways import Shared, port_of
from bench.cluster.postgres import postgres
from bench.cluster.redis import redis
from bench.cluster.server import Server
from bench.systems import free_port


@dataclass(frozen=True, slots=True)
class Topology:
    """All of it runs. `url` is the balancer's."""

    shared: Shared
    redis: Server
    postgres: Server
    gateways: tuple[Server, ...]
    url: str


@contextmanager
def topology(
    policy: Callable[[Path], str], *, gateways: int = 2, port: int | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[Topology]:
    """`policy` makes the policy's text, given the folder of the run, which is removed afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-cluster-")))
        folder.chmod(0o755)  # Postgres runs as somebody else
        text, path = policy(folder), folder / "policy.yaml"
        path.write_text(text, encoding="utf-8")
        store, redis_url = stack.enter_context(redis(folder))
        database, database_url = stack.enter_context(postgres(folder))
        shared = Shared(folder=folder, policy=path, redis_url=redis_url, database_url=database_url, environ=environ or {})
        shared.provide()
        machines = tuple(shared.machine(str(number + 1)) for number in range(gateways))
        for machine in machines:
            stack.callback(machine.stop)
            machine.begin()
        for machine in machines:
            machine.wait()
        balancer = _balancer(folder, machines, port or free_port())
        stack.callback(balancer.kill)
        balancer.start()
        yield Topology(shared, store, database, machines, f"http://127.0.0.1:{balancer.command[3]}/v1")


def _balancer(folder: Path, machines: tuple[Server, ...], port: int) -> Server:
    ports = [str(port_of(machine)) for machine in machines]
    return Server(
        name="balancer",
        command=[sys.executable, "-m", "bench.cluster.balancer", str(port), *ports],
        answers=lambda: _answers(port),
        log=folder / "balancer.log",
    )


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return True
    except OSError:
        return False
