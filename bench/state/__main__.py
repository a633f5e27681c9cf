"""Kills, freezes and restarts what gateways share, under load, and checks what comes of it. `make proof-state`.

Two gateways behind a balancer, over one Redis and one Postgres. Every call plants a value of its own; every client checks that
its value comes back and nobody else's; the backend looks for planted values; in the end every call that was answered must be
on the record, and the whole log must verify under the key that was noted before the first call.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import orjson

from bench.cluster.topology import Topology, topology
from bench.state.faults import Fault, Felt, faults, suffer
from bench.state.load import Load
from bench.state.verdict import Verdict
from bench.systems import Service, free_port
from gateway.audit.check import check_log
from gateway.audit.signing import KeyFile
from gateway.store.database import open_database

_POLICY = """\
version: 1
deployments:
  backend: {{base_url: "{backend}"}}
models:
  bench: {{deployments: [backend]}}
tenants:
  one: {tenant}
  two: {tenant}
"""
_TENANT = (
    "{models: [bench], entities: {default: placeholder}, reply: {restore: true}, cache: tenant,"
    " limits: {requests: 100000/minute, concurrent: 500}, principals: {app: {}}}"
)
_CALM_S = 6.0
_CLIENTS = 6


class PromiseBroken(Exception):
    """A value went astray, or a call is not on the record."""


def main() -> None:
    """Raises PromiseBroken, or NotVerified."""
    given = _options()
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "bench.state.backend", str(port)]
    with (
        Service(name="backend", command=command, probe=f"{base}/v1/models", log=Path("/dev/null")),
        topology(lambda _: _POLICY.format(backend=f"{base}/v1", tenant=_TENANT)) as running,
    ):
        settings = running.shared.settings("1")
        noted = KeyFile(settings.audit_key_path, settings.audit_origin).load().current.public
        load = Load(running.url, [running.shared.issue(tenant, "app") for tenant in ("one", "two")])
        felt = asyncio.run(_suffered(running, load, given.minutes * 60, random.Random(given.seed)))
        for gateway in running.gateways:
            gateway.stop()  # in good order: everything that is owed is written, and signed
        with urlopen(f"{base}/seen", timeout=10) as answer:
            leaks = orjson.loads(answer.read())["leaks"]
        with closing(open_database(settings.database())) as database, database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT call_id, phase FROM entries").all()
            verified = str(check_log(database, noted))
    by_phase = {phase: frozenset(call for call, one in rows if one == phase) for phase in ("opened", "completed")}
    verdict = Verdict(calls=load.calls, faults=felt, leaks=leaks, log=verified, **by_phase)
    print(f"{verdict.text()}\n(seed {given.seed})")
    if not verdict.holds:
        raise PromiseBroken


async def _suffered(running: Topology, load: Load, seconds: float, chance: random.Random) -> list[Felt]:
    """Faults in any order, all of them before any comes again, with calm between them."""
    loading = asyncio.create_task(load.run(_CLIENTS))
    until, felt, left = time.monotonic() + seconds, list[Felt](), list[Fault]()
    await asyncio.sleep(_CALM_S)
    while time.monotonic() < until and not loading.done():
        left = left or chance.sample(every := faults(running.redis, running.postgres, running.gateways), len(every))
        felt.append(await suffer(left.pop(), chance.uniform(1.0, 4.0)))
        print(f"{felt[-1].name}: back after {felt[-1].lifted - felt[-1].began:.1f} s", file=sys.stderr)
        await asyncio.sleep(_CALM_S)
    load.stop()
    await loading
    return felt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=2.0, help="how long")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="for the order of what is done")
    return parser.parse_args()


if __name__ == "__main__":
    main()
