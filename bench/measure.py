"""Runs the cells: the driver's times beside the CPU time of the system's own processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import orjson

from bench.driver import Job, Outcome
from bench.plan import Cell
from bench.systems import System
from bench.table import Measurement, percentile

SETTLE_S = 0.3
"""Seconds before the CPU clock is read again: what a request leaves to be done later (a record, spans) belongs to it."""


_IDLE_S = 10.0


@dataclass(frozen=True, slots=True)
class Driver:
    """Our side of the driver process."""

    process: subprocess.Popen[bytes]

    def do(self, job: Job) -> Outcome:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(orjson.dumps(asdict(job)) + b"\n")
        stdin.flush()
        return Outcome(**orjson.loads(stdout.readline()))


@contextmanager
def driving() -> Iterator[Driver]:
    """A driver process that lives as long as the block."""
    command = [sys.executable, "-m", "bench.driver"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Driver(process)
        assert process.stdin is not None
        process.stdin.close()


def idle(systems: Sequence[System]) -> dict[str, float]:
    """CPU-ms that each system spends in a second in which nobody asks: a slow stream pays for it too."""
    with_clock = [system for system in systems if system.services]
    time.sleep(_IDLE_S / 2)  # what starting left to be done is done
    before = [system.cpu_seconds() or 0.0 for system in with_clock]
    time.sleep(_IDLE_S)
    after = [system.cpu_seconds() or 0.0 for system in with_clock]
    spent = zip(with_clock, before, after, strict=True)
    return {system.name: (end - start) * 1_000 / _IDLE_S for system, start, end in spent}


def measured(driver: Driver, cells: Iterable[Cell], *, scale: float) -> Iterator[Measurement]:
    """One measurement for each cell. No prompt is sent twice to any system."""
    first = 0
    for cell in cells:
        warm_up = cell.warm_up(first)
        driver.do(warm_up)
        time.sleep(SETTLE_S)
        job = cell.job(cell.requests(scale), first + warm_up.requests)
        yield _measured(driver, cell, job)
        first += warm_up.requests + job.requests


def _measured(driver: Driver, cell: Cell, job: Job) -> Measurement:
    before = cell.system.cpu_seconds()
    outcome = driver.do(job)
    time.sleep(SETTLE_S)
    after = cell.system.cpu_seconds()
    return Measurement(
        round=cell.round,
        question=cell.question,
        system=cell.system.name,
        requests=job.requests,
        failed=outcome.failed,
        cpu_ms=None if before is None or after is None else (after - before) * 1_000 / job.requests,
        p50_ms=percentile(outcome.latency_ms, 50),
        p99_ms=percentile(outcome.latency_ms, 99),
        ttft_ms=percentile(outcome.first_token_ms, 50),
        per_s=(job.requests - outcome.failed) / outcome.wall_s,
    )
