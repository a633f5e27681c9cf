"""The backends of one run, and what is done to them and to the gateway's workers."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import orjson
import psutil

from bench.soak.backend import MOODS
from bench.state.faults import Felt
from bench.systems import Service, free_port

WORKERS = 2
_PERIOD_S = 3.0
_WELL_S = 60.0


@dataclass(frozen=True, slots=True)
class Backends:
    """By port. The first is always well; the last is one that policy forbids."""

    ports: Sequence[int]

    def url(self, number: int) -> str:
        return f"http://127.0.0.1:{self.ports[number]}"

    def change(self, number: int, mood: str) -> None:
        urlopen(Request(f"{self.url(number)}/mood/{mood}", method="PUT"), timeout=5).close()

    def seen(self, number: int) -> tuple[int, int]:
        """Requests, and those among them that held a planted value."""
        with urlopen(f"{self.url(number)}/seen", timeout=5) as answer:
            told = orjson.loads(answer.read())
        return told["requests"], told["leaks"]


@contextmanager
def backends(count: int) -> Iterator[Backends]:
    with ExitStack() as stack:
        ports = [free_port() for _ in range(count)]
        for port in ports:
            command = [sys.executable, "-m", "bench.soak.backend", str(port)]
            probe = f"http://127.0.0.1:{port}/v1/models"
            stack.enter_context(Service(name=f"backend {port}", command=command, probe=probe, log=Path("/dev/null")))
        yield Backends(ports)


async def trouble(fleet: Backends, gateway: psutil.Process, until: float, chance: random.Random) -> list[Felt]:
    """Moods by turns for all backends but the first and the last, and now and then a worker that is killed."""
    felt, moody = list[Felt](), range(1, len(fleet.ports) - 1)
    while time.monotonic() < until:
        for number in moody:
            await asyncio.to_thread(fleet.change, number, chance.choice(MOODS))
        if chance.random() < 0.15 and _settled(gateway):
            felt.append(await _killed(gateway, chance))
        await asyncio.sleep(_PERIOD_S)
    for number in moody:
        await asyncio.to_thread(fleet.change, number, "well")
    return felt


async def _killed(gateway: psutil.Process, chance: random.Random) -> Felt:
    began = time.monotonic()
    victim = chance.choice(workers(gateway))
    victim.kill()
    await asyncio.sleep(1.0)
    return Felt("a worker is killed", began, time.monotonic())


def _settled(gateway: psutil.Process) -> bool:
    """Whether both workers have served for a while. With one of them still starting, nobody would be left to answer; and who is
    killed young is replaced after a pause, as if its beginning had been at fault.
    """
    began = [one.create_time() for one in workers(gateway)]
    return len(began) == WORKERS and time.time() - max(began) > _WELL_S


def workers(gateway: psutil.Process) -> list[psutil.Process]:
    """Those that serve; Python's own helper for process resources is none."""
    return [one for one in gateway.children() if _serves(one)]


def _serves(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # it was killed a moment ago
        return False


def memory_mb(gateway: psutil.Process) -> float:
    """Of the largest worker, in MiB."""
    sizes = [0]
    for one in workers(gateway):
        with suppress(psutil.NoSuchProcess):
            sizes.append(one.memory_info().rss)
    return max(sizes) / 2**20
