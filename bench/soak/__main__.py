"""Clients that ask without end while backends fail by turns and workers are killed. `make proof-soak`.

One gateway with two workers over one Redis and one Postgres, three backends of which one is always well, and a fourth that is
well too and that policy forbids. Every call plants a value of its own. In the end no client may have seen an error but those
whose worker was killed, no value may have gone astray, the forbidden backend must have heard nothing, and every call that was
answered must be on the record.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

import psutil

from bench.cluster.gateways import Shared, port_of
from bench.cluster.postgres import postgres
from bench.cluster.redis import redis
from bench.soak.fleet import WORKERS, Backends, backends, memory_mb, trouble
from bench.state.faults import Felt
from bench.state.load import Call, Load
from bench.state.verdict import Verdict
from gateway.audit.check import check_log
from gateway.audit.signing import KeyFile
from gateway.store.database import open_database

_TIMES = "{connect_s: 1, first_byte_s: 1, between_bytes_s: 2, total_s: 12}"
_CLIENTS = 8
_KILLED_S = 2.0
"""So long after a worker was killed its clients may see that their connection broke."""


class PromiseBroken(Exception):
    """A client saw an error, a value went astray, or a call is not on the record."""


def main() -> None:
    """Raises PromiseBroken, or NotVerified."""
    given = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-soak-")))
        folder.chmod(0o755)  # Postgres runs as somebody else
        fleet = stack.enter_context(backends(4))
        policy = folder / "policy.yaml"
        policy.write_text(_policy(fleet), encoding="utf-8")
        _, redis_url = stack.enter_context(redis(folder))
        _, database_url = stack.enter_context(postgres(folder))
        shared = Shared(folder=folder, policy=policy, redis_url=redis_url, database_url=database_url)
        shared.provide()
        gateway = shared.machine("1", workers=WORKERS)
        stack.callback(gateway.stop)
        gateway.start()
        settings = shared.settings("1")
        noted = KeyFile(settings.audit_key_path, settings.audit_origin).load().current.public
        port = port_of(gateway)
        load = Load(f"http://127.0.0.1:{port}/v1", [shared.issue(tenant, "app") for tenant in ("one", "two")])
        felt, sizes = asyncio.run(_suffered(load, fleet, _process(port), given))
        gateway.stop()  # in good order: everything that is owed is written, and signed
        with closing(open_database(settings.database())) as database, database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT call_id, phase FROM entries").all()
            verified = str(check_log(database, noted))
        seen = [fleet.seen(number) for number in range(4)]
    by_phase = {phase: frozenset(call for call, one in rows if one == phase) for phase in ("opened", "completed")}
    verdict = Verdict(calls=load.calls, faults=felt, leaks=sum(leaks for _, leaks in seen), log=verified, **by_phase)
    errors = [call for call in load.calls if call.failed and not _excused(call, felt)]
    print(f"{verdict.text()}\nerrors while no worker was killed: {len(errors)} of {len(load.calls)} calls")
    print(f"requests at the backends: {[requests for requests, _ in seen]}, the last being forbidden")
    print(f"largest worker: {sizes[0]:.0f} MiB after the first quarter, {sizes[1]:.0f} MiB at the end\n(seed {given.seed})")
    if errors or seen[-1][0] or not verdict.holds:
        raise PromiseBroken


def _policy(fleet: Backends) -> str:
    deployments = "".join(
        f'  {name}: {{base_url: "{fleet.url(number)}/v1", region: {region}, timeouts: {_TIMES}}}\n'
        for number, (name, region) in enumerate([("well", "eu"), ("a", "eu"), ("b", "eu"), ("forbidden", "us")])
    )
    tenant = (
        "{models: [bench], route: {regions: [eu]}, entities: {default: placeholder}, reply: {restore: true},"
        " principals: {app: {}}}"
    )
    model = "{deployments: [[a, b], [well, forbidden]], routing: {retries: 4}}"
    return f"version: 1\ndeployments:\n{deployments}models: {{bench: {model}}}\ntenants: {{one: {tenant}, two: {tenant}}}\n"


async def _suffered(
    load: Load, fleet: Backends, gateway: psutil.Process, given: argparse.Namespace
) -> tuple[list[Felt], tuple[float, float]]:
    """What was done, and the size of the largest worker early and late."""
    began, seconds, chance = time.monotonic(), given.minutes * 60, random.Random(given.seed)
    loading = asyncio.create_task(load.run(_CLIENTS))
    felt = await trouble(fleet, gateway, began + seconds / 4, chance)
    early = memory_mb(gateway)
    felt += await trouble(fleet, gateway, began + seconds, chance)
    late = memory_mb(gateway)
    load.stop()
    await loading
    return felt, (early, late)


def _excused(call: Call, felt: list[Felt]) -> bool:
    """Whether its worker may have been killed under it."""
    return any(call.began < fault.lifted + _KILLED_S and call.ended > fault.began for fault in felt)


def _process(port: int) -> psutil.Process:
    return next(one for one in psutil.Process().children() if "serve" in one.cmdline() and str(port) in one.cmdline())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="how long")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="for the order of what is done")
    return parser.parse_args()


if __name__ == "__main__":
    main()
