"""How long the slowest answers take at half of what the gateway can do. `make bench-tail`.

Method. `gateway serve` in a process of its own, redaction on as in policies/demo.yaml, a mock backend in another, spans
exported. First 16 clients ask as fast as they are answered: so many requests a second are saturation. Then requests of 200
characters, all different, come at half that rate and at moments of their own (exponential gaps, as from many callers who know
nothing of each other), whether or not the earlier ones were answered. Printed are p50 and p99 of the time to the whole answer,
and their ratio; and what the ratio would be of one processor that serves all at once, for the same arrivals and equal work.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import aiohttp

from bench.endurance import body_of
from bench.gateways import REDACT, gateway, traced
from bench.processor_sharing import sojourns
from bench.session import place
from bench.systems import System
from bench.table import percentile

_CLIENTS = 16
_WARM_UP = 100
_SEED = 7


class Caller:
    """Sends requests that are all different, and takes their time in ms."""

    def __init__(self, session: aiohttp.ClientSession, system: System) -> None:
        self._session = session
        self._url = f"{system.base_url}/chat/completions"
        self._numbers = count()
        self.taken_ms: list[float] = []

    async def ask(self) -> None:
        """Raises ClientError for a refusal."""
        body = body_of(next(self._numbers))
        began = time.perf_counter()
        async with self._session.post(self._url, data=body) as response:
            response.raise_for_status()
            await response.read()
        self.taken_ms.append((time.perf_counter() - began) * 1_000)

    async def saturate(self, seconds: float) -> float:
        """Requests a second from clients that never pause."""
        ends, before = time.perf_counter() + seconds, len(self.taken_ms)
        await asyncio.gather(*(self._until(ends) for _ in range(_CLIENTS)))
        return (len(self.taken_ms) - before) / seconds

    async def arrive(self, rate: float, seconds: float) -> None:
        """Requests at so many a second, each when its time has come."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as asking:
            for at in _moments(rate, seconds):
                await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
                asking.create_task(self.ask())

    async def _until(self, ends: float) -> None:
        while time.perf_counter() < ends:
            await self.ask()


def _moments(rate: float, seconds: float) -> Iterator[float]:
    drawn, at = random.Random(_SEED), 0.0
    while (at := at + drawn.expovariate(rate)) < seconds:
        yield at


async def measured(seconds: float) -> str:
    with place() as where:
        spans = traced(where.backend.removesuffix("/v1"))
        system = gateway("gateway", where.folder / "on", backend=where.backend, entities=REDACT, environ=spans)
        headers = {"Authorization": f"Bearer {system.key}", "Content-Type": "application/json"}
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2.0)
        async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
            with system.services[0]:
                caller = Caller(session, system)
                for _ in range(_WARM_UP):
                    await caller.ask()
                most = await caller.saturate(seconds)
                caller.taken_ms.clear()
                await caller.arrive(most / 2, seconds)
    p50, p99 = percentile(caller.taken_ms, 50) or 0.0, percentile(caller.taken_ms, 99) or 0.0
    told = f"{len(caller.taken_ms):,} requests at {most / 2:,.0f} a second, half of {most:,.0f}"
    queue = sojourns(_moments(most / 2, seconds), 1 / most)
    alone = (percentile(queue, 99) or 0.0) / (percentile(queue, 50) or 1.0)
    return f"- {told}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, ratio {p99 / p50:.1f}; of the queue alone {alone:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=30.0, help="of each of the two parts")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    print(asyncio.run(measured(given.seconds)))
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load average {load:.1f} before, {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
