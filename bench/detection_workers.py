"""Where a large text should be read: on the event loop, in a thread, or in a process?

A task on the event loop wants to wake up every millisecond, as requests do, and notes how late it is (the stall). Meanwhile one
text is read by the same analyzer: *idle* not at all, *inline* on the loop itself, *thread* by `ThreadedDetector`, *process*
by one worker process (spawned, analyzer loaded, warmed up before the clock starts). Percentiles by nearest rank over all
wake-ups of a mode; a mode that stalls the loop for long has few of them, so read its `max`.

`scan` is the wall time of the reading, to the inline one; stalls are ratios to the idle loop's p99, which is what the machine
itself does to a sleeper. Milliseconds are printed for orientation and are this machine's. `MB` is the resident memory of the
process that has the analyzer a second time.

Run: `.venv/bin/python -m bench.detection_workers [--characters N] [--language en|zh] [--taggers]`. Without `--taggers` only
patterns read, which hold Python's interpreter lock most.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache

import psutil

from bench.table import percentile
from bench.texts import prompt
from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.registry import pattern_recognizers
from gateway.detection.service.threaded import ThreadedDetector

_TICK_S = 0.001
_IDLE_S = 2.0
_LIMIT_S = 600.0


@dataclass(frozen=True, slots=True)
class Run:
    """One mode: how long the reading took, and by how much each wake-up was late."""

    seconds: float
    stalls: list[float]

    def stall(self, percent: float) -> float:
        return percentile(self.stalls, percent) or 0.0


@cache
def analyzer(taggers: bool) -> PresidioDetector:
    """One for each process."""
    return PresidioDetector(None if taggers else pattern_recognizers())


def read(text: str, taggers: bool) -> int:
    """The number of findings."""
    return len(analyzer(taggers).analyze(text))


def memory() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


async def timed(work: Callable[[], Awaitable[object]]) -> Run:
    """Do the work while a ticker on the same loop notes its stalls."""
    stalls: list[float] = []

    async def tick() -> None:
        while True:
            due = time.perf_counter() + _TICK_S
            await asyncio.sleep(_TICK_S)
            stalls.append(time.perf_counter() - due)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(10 * _TICK_S)
    stalls.clear()
    start = time.perf_counter()
    await work()
    seconds = time.perf_counter() - start
    await asyncio.sleep(2 * _TICK_S)
    ticking.cancel()
    return Run(seconds, stalls)


async def runs(text: str, *, taggers: bool) -> tuple[dict[str, Run], float]:
    """A run of each mode, and the memory of the process."""
    loop = asyncio.get_running_loop()
    read(text[:1_000], taggers)
    threaded = ThreadedDetector(analyzer(taggers), timeout_s=_LIMIT_S)

    async def inline() -> object:
        return read(text, taggers)

    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        await loop.run_in_executor(pool, read, text[:1_000], taggers)
        modes: dict[str, Callable[[], Awaitable[object]]] = {
            "idle": lambda: asyncio.sleep(_IDLE_S),
            "inline": inline,
            "thread": lambda: threaded.detect([text]),
            "process": lambda: loop.run_in_executor(pool, read, text, taggers),
        }
        measured = {name: await timed(work) for name, work in modes.items()}
        used = await loop.run_in_executor(pool, memory)
    threaded.close()
    return measured, used


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--characters", type=int, default=1_000_000)
    options.add_argument("--language", choices=("en", "zh"), default="en")
    options.add_argument("--taggers", action="store_true", help="patterns and taggers instead of patterns alone")
    given = options.parse_args()
    measured, used = asyncio.run(runs(prompt(given.language, given.characters, 1).text, taggers=given.taggers))
    sleeper, inline = measured["idle"].stall(99), measured["inline"].seconds
    print(f"{'':8} {'scan':>6} {'p50':>8} {'p99':>8} {'max':>8}   stall in ms: p50, p99, max")
    for name, run in measured.items():
        stalls = [run.stall(percent) for percent in (50, 99, 100)]
        ratios = " ".join(f"{stall / sleeper:8.1f}" for stall in stalls)
        scan = f"{run.seconds / inline:6.2f}" if name != "idle" else f"{'':6}"
        print(f"{name:8} {scan} {ratios}   {', '.join(f'{stall * 1e3:.2f}' for stall in stalls)}")
    print(f"reading took {inline:.1f} s inline; the process with an analyzer of its own: {used:.0f} MB")


if __name__ == "__main__":
    main()
