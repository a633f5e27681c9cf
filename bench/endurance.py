"""What the gateway holds in memory: 1,000 slow streams at once, and many requests one after the other. `make bench-endurance`.

Method. `gateway serve` in a process of its own, redaction on as in policies/demo.yaml, a mock backend in another. First the
streams are opened, 50 a second; each has 40 chunks, one a second, so that for 20 s all of them are open. Memory (RSS, of the
gateway with its children) is read every second. A stream is starved if it waited more than 5 s for a chunk after its first.
Then come requests of 200 characters, all different, from 16 clients; memory is read after every 10,000 of them, and told at
once with the load: a run of 200,000 takes an hour. It counts as flat when the last readings add nothing to speak of: the first
requests fill the caches of findings and of SQLite. A request that fails is counted by what came, and the run goes on.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import aiohttp
import orjson

from bench.gateways import REDACT, gateway
from bench.session import place
from bench.systems import System
from bench.texts import prompt

_STARVED_S = 5.0
_CLIENTS = 16
_BETWEEN_READINGS = 10_000
_OPENED_A_SECOND = 50


@dataclass(slots=True)
class Streams:
    """What the clients of the streams saw. Times in seconds."""

    first_s: list[float] = field(default_factory=list)
    longest_s: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)


async def stream(session: aiohttp.ClientSession, system: System, body: bytes, seen: Streams, after_s: float) -> None:
    await asyncio.sleep(after_s)
    began = last = time.perf_counter()
    pauses: list[float] = []
    try:
        async with session.post(f"{system.base_url}/chat/completions", data=body) as response:
            async for _ in response.content.iter_any():
                now = time.perf_counter()
                pauses.append(now - last)
                last = now
            whole = response.status == 200 and len(pauses) > 1
            how = str(response.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        whole, how = False, type(error).__name__
    if whole:
        seen.first_s.append(last - began - sum(pauses[1:]))
        seen.longest_s.append(max(pauses[1:]))
    else:
        seen.failed[how] += 1


def body_of(number: int, model: str = "bench", **more: Any) -> bytes:
    said = [{"role": "user", "content": prompt("en", 200, number).text}]
    return orjson.dumps({"model": model, "messages": said, **more})


def memory_mb(system: System) -> float:
    """RSS of the processes of the system, and of theirs."""
    (service,) = system.services
    processes = [service.process, *service.process.children(recursive=True)]
    return sum(float(one.memory_info().rss) for one in processes) / 2**20


async def together(session: aiohttp.ClientSession, system: System, streams: int) -> list[str]:
    seen, before, cpu = Streams(), memory_mb(system), system.cpu_seconds() or 0.0
    bodies = [body_of(number, "bench-slow", stream=True) for number in range(streams)]
    talking = asyncio.gather(*(stream(session, system, body, seen, at / _OPENED_A_SECOND) for at, body in enumerate(bodies)))
    most = before
    while not talking.done():
        await asyncio.wait({talking}, timeout=1.0)
        most = max(most, memory_mb(system))
    spent = ((system.cpu_seconds() or 0.0) - cpu) / streams * 1000
    starved = sum(longest > _STARVED_S for longest in seen.longest_s)
    return [
        f"- {streams:,} streams at once: {most:,.0f} MB at most, {before:,.0f} MB before; {dict(seen.failed)} failed, "
        f"{starved} starved",
        f"- first chunk after {_spread(seen.first_s)} s; longest wait for a later one {_spread(seen.longest_s)} s "
        "(median, most); "
        f"{spent:.1f} CPU-ms a stream",
    ]


async def one_after_the_other(session: aiohttp.ClientSession, system: System, requests: int) -> list[str]:
    numbers, came, found = count(1_000_000), Counter[str](), [memory_mb(system)]
    cpu, began = system.cpu_seconds() or 0.0, time.perf_counter()
    for most in shares(requests):
        await asyncio.gather(*(asked(session, system, numbers, most // _CLIENTS, came) for _ in range(_CLIENTS)))
        found.append(memory_mb(system))
        print(f"{came.total():>9,} requests: {found[-1]:.0f} MB, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    spent, took = (system.cpu_seconds() or 0.0) - cpu, time.perf_counter() - began
    shown = ", ".join(f"{one:.0f}" for one in found)
    return [
        f"- {came.total():,} requests ({dict(came)}), {came.total() / took:.0f} a second, {spent / came.total() * 1000:.1f} "
        f"CPU-ms each: {shown} MB, before and after each {shares(requests)[0]:,}"
    ]


def shares(requests: int) -> list[int]:
    """How many requests lie between two readings of memory: 10,000, or a tenth of fewer.

    >>> shares(35_000), shares(1_600)[:2]
    ([10000, 10000, 10000, 5000], [160, 160])
    """
    each = _BETWEEN_READINGS if requests > _BETWEEN_READINGS else max(requests // 10, _CLIENTS)
    return [min(each, requests - done) for done in range(0, requests, each)]


async def asked(session: aiohttp.ClientSession, system: System, numbers: Iterator[int], share: int, came: Counter[str]) -> None:
    """One client's share, one request after the other; counts what came in `came`."""
    for _ in range(share):
        try:
            async with session.post(f"{system.base_url}/chat/completions", data=body_of(next(numbers))) as response:
                await response.read()
                how = str(response.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            how = type(error).__name__
        came[how] += 1


def _spread(values: Sequence[float]) -> str:
    ordered = sorted(values) or [float("nan")]
    return f"{ordered[len(ordered) // 2]:.2f}, {ordered[-1]:.2f}"


async def measured(given: argparse.Namespace) -> list[str]:
    with place() as where:
        system = gateway("gateway", where.folder / "on", backend=where.backend, entities=REDACT)
        headers = {"Authorization": f"Bearer {system.key}", "Content-Type": "application/json"}
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2.0)
        timeout = aiohttp.ClientTimeout(total=600)
        async with aiohttp.ClientSession(headers=headers, connector=connector, timeout=timeout) as session:
            with system.services[0]:
                lines = await together(session, system, given.streams)
                return [*lines, *await one_after_the_other(session, system, given.requests)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--streams", type=int, default=1_000)
    parser.add_argument("--requests", type=int, default=200_000)
    given = parser.parse_args()
    load = os.getloadavg()[0]
    lines = asyncio.run(measured(given))
    print("\n".join(lines))
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load average {load:.1f} before, {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
