"""What is done to the servers, one thing at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.cluster.server import Server


@dataclass(frozen=True, slots=True)
class Fault:
    """`name` says what is done to whom. `begin` and `lift` take their time; after `lift` the server answers again."""

    name: str
    begin: Callable[[], None]
    lift: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Felt:
    """When a fault began and when the server answered again, on the clock of the calls."""

    name: str
    began: float
    lifted: float


def faults(redis: Server, postgres: Server, gateways: Sequence[Server]) -> list[Fault]:
    """Each of them killed and started again, stopped in good order and started again, and frozen for a while."""
    first, last = gateways[0], gateways[-1]
    return [
        *(Fault(f"{server.name} is killed", server.kill, server.start) for server in (redis, first, postgres)),
        *(Fault(f"{server.name} is frozen", server.freeze, server.thaw) for server in (redis, last, postgres)),
        Fault(f"{last.name} is restarted", lambda: _stopped(last), last.start),
    ]


async def suffer(fault: Fault, seconds: float) -> Felt:
    """Begin it, leave it for so long, lift it."""
    began = time.monotonic()
    await asyncio.to_thread(fault.begin)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(fault.lift)
    return Felt(fault.name, began, time.monotonic())


def _stopped(server: Server) -> None:
    server.stop()
