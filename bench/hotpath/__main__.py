"""CPU time of one request by what is on, and by room of the gateway. `make bench-hotpath`.

Method. One process has a bare pass-through (Starlette and aiohttp) and gateways, which are called as ASGI applications: no
server and no socket in front, a mock backend in another process behind. The ways take turns; each turn waits until what it left
to be done later (the record, the index, spans) is done. CPU time is that of the process with all threads. Printed are medians
over the turns, and the median of the ratios to the bare pass-through within a turn; `least` is the cheapest turn, since other
work on the machine can only add. `a chunk` is what a stream takes beyond a plain answer, by its 40 chunks. `--profile FILE`
writes a cProfile of the first kind and the last way instead.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import TypeAlias

import orjson
import uvloop

from bench.hotpath.caller import Caller
from bench.hotpath.chat import chat
from bench.hotpath.rooms import by_room
from bench.hotpath.ways import BARE, WAYS, bare, gateway
from bench.session import place
from bench.texts import Language, prompt
from gateway.cli.serve import collector

_SETTLE_S = 0.3
_CHUNKS = 40
_SHOWN = 0.01
Turn: TypeAlias = dict[tuple[str, str], float]
"""CPU-us of a request, by its kind and the way."""
_SOON = {"OTEL_BSP_SCHEDULE_DELAY": "100"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of request, and how many of them one turn sends."""

    name: str
    calls: int
    characters: int = 200
    clients: int = 1
    model: str = "bench"
    stream: bool = False
    language: Language = "en"

    def bodies(self, numbers: Iterator[int], calls: int | None = None) -> list[bytes]:
        texts = (prompt(self.language, self.characters, next(numbers)).text for _ in range(calls or self.calls))
        return [
            orjson.dumps({"model": self.model, "messages": [{"role": "user", "content": text}], "stream": self.stream})
            for text in texts
        ]


KINDS = (
    Kind(name="200 characters", calls=200),
    Kind(name="200 characters, 16 clients", calls=320, clients=16),
    Kind(name="4,000 characters", calls=40, characters=4_000),
    Kind(name="40 chunks at once", calls=100, stream=True),
    Kind(name="40 chunks, 20 ms apart", calls=64, clients=64, stream=True, model="bench-paced"),
)


async def measured(given: argparse.Namespace) -> list[str]:
    numbers = count()
    async with AsyncExitStack() as opened:
        where = opened.enter_context(place())
        callers = {BARE: await opened.enter_async_context(bare(where.backend))}
        for way in WAYS:
            if way.name.startswith(given.way):
                callers[way.name] = await opened.enter_async_context(gateway(way, where.folder, where.backend))
        for caller in callers.values():
            await caller.all(KINDS[0].bodies(numbers, 30), 2)
        kinds = [kind for kind in KINDS if given.only in kind.name]
        if given.profile:
            await _profile(callers, kinds[0], numbers, given)
            return []
        collector.settle()  # as `gateway serve` does
        turns = [await _turn(callers, kinds, numbers, given.scale) for _ in range(given.turns)]
        rooms = {name: await by_room(caller, KINDS[0].bodies(numbers)) for name, caller in callers.items() if name != BARE}
        chats = [await chat(name, caller, numbers) for name, caller in callers.items()]
    shares = [line for name, found in rooms.items() for line in _shares(name, found)]
    return [*_table(turns), "", *_chunks(turns), *chats, *shares]


async def _turn(callers: dict[str, Caller], kinds: list[Kind], numbers: Iterator[int], scale: float) -> Turn:
    return {
        (kind.name, name): await _cpu_us(caller, kind, numbers, scale) for kind in kinds for name, caller in callers.items()
    }


async def _cpu_us(caller: Caller, kind: Kind, numbers: Iterator[int], scale: float) -> float:
    bodies = kind.bodies(numbers, max(int(kind.calls * scale), kind.clients))
    began = time.process_time()
    await caller.all(bodies, kind.clients)
    await asyncio.sleep(_SETTLE_S)
    return (time.process_time() - began) / len(bodies) * 1e6


async def _profile(callers: dict[str, Caller], kind: Kind, numbers: Iterator[int], given: argparse.Namespace) -> None:
    caller = list(callers.values())[-1]
    bodies = kind.bodies(numbers)
    profiler = cProfile.Profile(time.thread_time)
    profiler.enable()
    await caller.all(bodies, kind.clients)
    profiler.disable()
    profiler.dump_stats(given.profile)


def _table(turns: list[Turn]) -> list[str]:
    lines = ["| request | way | CPU-us | ratio to bare | least |", "|:--|:--|--:|--:|--:|"]
    for kind, name in turns[0]:
        spent = [turn[kind, name] for turn in turns]
        ratio = median(turn[kind, name] / turn[kind, BARE] for turn in turns)
        lines.append(f"| {kind} | {name} | {median(spent):,.0f} | {ratio:.2f} | {min(spent):,.0f} |")
    return lines


def _chunks(turns: list[Turn]) -> list[str]:
    """What a chunk costs, where both kinds were measured."""
    plain, streamed = KINDS[1].name, KINDS[-1].name
    names = [name for kind, name in turns[0] if kind == streamed and (plain, name) in turns[0]]
    per = {name: median((turn[streamed, name] - turn[plain, name]) / _CHUNKS for turn in turns) for name in names}
    return [f"- a chunk, {name}: {spent:,.0f} CPU-us" for name, spent in per.items()]


def _shares(name: str, found: list[tuple[str, float]]) -> list[str]:
    listed = ", ".join(f"{room} {share:.0%}" for room, share in found if share >= _SHOWN)
    return [f"- {KINDS[0].name}, {name}, the event loop's time by room: {listed}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--turns", type=int, default=5, help="how often every cell is measured")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the number of requests")
    parser.add_argument("--only", default="", help="only requests whose name contains this")
    parser.add_argument("--way", default="", help="only gateways whose name contains this")
    parser.add_argument("--profile", type=Path, help="write a cProfile of the first kind and the last way to this file")
    given = parser.parse_args()
    os.environ.update(_SOON)  # the SDK reads it from there
    print("\n".join(uvloop.run(measured(given))))


if __name__ == "__main__":
    main()
