"""What an answer costs that was given before: with the gateway's cache and beside LiteLLM's. `make bench-cache`.

Method. Every round sends new questions to every system, and then the same ones again. `first` is what that costs the first
time, `again` the second time. A system without a cache pays for both; what it saves the second time is what it remembers beside
answers (the gateway: what was found in a text). One client, so that the times are latencies. CPU time is that of the system's
processes, without Redis; figures are medians over the rounds. The paced answer takes the backend 0.8 seconds.
LiteLLM redacts nothing here: with Presidio before its cache it would pay for that as well (`make bench-peers`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import orjson

from bench.cache.contestants import contestants
from bench.cache.redis import redis_server
from bench.measure import SETTLE_S, Driver, driving
from bench.plan import WORKLOADS, Cell, Workload
from bench.session import RESULTS, place
from bench.systems import System
from bench.table import percentile

_CHOSEN = ("English 200", "English 4,000", "stream, 40 chunks 20 ms apart")
_LONG = 4  # a paced question is sent by so many fewer: it would only wait


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over the questions: per request, CPU-ms and ms to the answer's end."""

    cpu_ms: float
    p50_ms: float
    failed: int


Passes = Mapping[tuple[str, str, str], list[Pass]]
"""By workload, system, and `first` or `again`."""


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often every cell is measured")
    parser.add_argument("--requests", type=int, default=32, help="questions in a cell")
    given = parser.parse_args()
    workloads = [one for one in WORKLOADS if one.name in _CHOSEN]
    with place() as where, redis_server(where.folder) as port, ExitStack() as running, driving() as driver:
        systems = list(contestants(where.folder, where.backend, port))
        for system in systems:
            for service in system.services:
                running.enter_context(service)
        passes = _measured(driver, systems, workloads, given.rounds, given.requests)
    text = "\n".join(["## The cache", "", *_table(passes), "", f"{given.rounds} rounds of {given.requests} questions."])
    print(text)
    RESULTS.mkdir(parents=True, exist_ok=True)
    stem = RESULTS / f"cache-{time.strftime('%Y%m%d-%H%M%S')}"
    stem.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    stem.with_suffix(".json").write_bytes(
        orjson.dumps([[key, found] for key, found in passes.items()], option=orjson.OPT_INDENT_2)
    )


def _measured(
    driver: Driver, systems: Sequence[System], workloads: Sequence[Workload], rounds: int, requests: int
) -> dict[tuple[str, str, str], list[Pass]]:
    passes: dict[tuple[str, str, str], list[Pass]] = {}
    first = 0
    for number in range(rounds):
        for workload in workloads:
            count = requests // _LONG if "apart" in workload.name else requests
            for system in systems:
                cell = Cell(round=number, workload=workload, clients=1, system=system)
                driver.do(cell.warm_up(first))
                for name in ("first", "again"):
                    found = _pass(driver, cell, count, first + 10)
                    passes.setdefault((workload.name, system.name, name), []).append(found)
            first += 10 + count
    return passes


def _pass(driver: Driver, cell: Cell, count: int, first: int) -> Pass:
    time.sleep(SETTLE_S)
    before = cell.system.cpu_seconds() or 0.0
    outcome = driver.do(cell.job(count, first))
    time.sleep(SETTLE_S)
    spent = (cell.system.cpu_seconds() or 0.0) - before
    return Pass(spent * 1_000 / count, percentile(outcome.latency_ms, 50) or 0.0, outcome.failed)


def _table(passes: Passes) -> list[str]:
    lines = ["| questions | system | CPU-ms first | again | ms first | again | failed |", "|:--|:--|--:|--:|--:|--:|--:|"]
    for workload, system in dict.fromkeys((workload, system) for workload, system, _ in passes):
        first, again = passes[workload, system, "first"], passes[workload, system, "again"]
        cells = [median(one.cpu_ms for one in each) for each in (first, again)]
        cells += [median(one.p50_ms for one in each) for each in (first, again)]
        failed = sum(one.failed for one in (*first, *again))
        lines.append(f"| {workload} | {system} | {' | '.join(f'{cell:.2f}' for cell in cells)} | {failed} |")
    return lines


if __name__ == "__main__":
    main()
