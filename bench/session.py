"""One run of a benchmark: start what is needed, look, measure, print the table with its method in words."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
import psutil

from bench.checks import Sight, look, report, require_no_mail
from bench.measure import SETTLE_S, driving, idle, measured
from bench.plan import CLIENTS, WORKLOADS, Workload, cells
from bench.systems import Service, System, free_port
from bench.table import Measurement, Row, markdown, rows
from gateway import __version__

RESULTS = Path("bench/results")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run happens: a folder that is removed afterwards, and the mock backend's base URL."""

    folder: Path
    backend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How much is measured."""

    rounds: int
    scale: float
    workloads: tuple[Workload, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Who is measured. The first system is the direct way; CPU times are compared with those of `reference`.

    `verdict` says in words what the table means for what is claimed.
    """

    title: str
    systems: tuple[System, ...]
    reference: str
    notes: tuple[str, ...]
    ours: frozenset[str]
    verdict: Callable[[Sequence[Row], Sequence[Sight]], str] | None = None


def options(description: str, *, scale: float = 1.0) -> Options:
    """From the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=5, help="how often every cell is measured")
    parser.add_argument("--scale", type=float, default=scale, help="factor on the number of requests in a cell")
    parser.add_argument("--only", default="", help="only workloads whose name contains this")
    given = parser.parse_args()
    chosen = tuple(one for one in WORKLOADS if given.only in one.name)
    return Options(rounds=given.rounds, scale=given.scale, workloads=chosen)


@contextmanager
def place() -> Iterator[Place]:
    """A temporary folder, and the mock backend in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as name, ExitStack() as running:
        folder, port = Path(name), free_port()
        base = f"http://127.0.0.1:{port}/v1"
        command = [sys.executable, "-m", "bench.mock_backend", str(port)]
        running.enter_context(Service(name="backend", command=command, probe=f"{base}/models", log=folder / "backend.log"))
        yield Place(folder=folder, backend=base)


def hold(contest: Contest, where: Place, options: Options) -> None:
    """Start the systems, look at what they do, measure them, print and keep the result."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end when we are told to
    load_before = os.getloadavg()[0]
    began = datetime.now(UTC)
    with ExitStack() as running, driving() as driver:
        for service in dict.fromkeys(service for system in contest.systems for service in system.services):
            running.enter_context(service)
        sights = [sight for system in contest.systems if system.redacts for sight in look(system, where.backend)]
        require_no_mail([sight for sight in sights if sight.system in contest.ours])
        draw = idle(contest.systems)
        plan = list(cells(contest.systems, options.workloads, rounds=options.rounds))
        found = [_shown(one, len(plan), at) for at, one in enumerate(measured(driver, plan, scale=options.scale), 1)]
    table = rows(found, direct=contest.systems[0].name, reference=contest.reference)
    parts = (
        f"## {contest.title}",
        markdown(table),
        contest.verdict(table, sights) if contest.verdict else "",
        _method(contest, options),
        f"CPU-ms that pass in a second without requests: {_listed(draw)}.",
        f"Checked before the timing:\n\n{report(sights)}",
        _circumstances(began, load_before),
    )
    text = "\n\n".join(part for part in parts if part)
    print(text)
    _keep(contest.title, text, found, sights, began)


def _method(contest: Contest, options: Options) -> str:
    counts = ", ".join(f"{one.name}: {round(one.requests * options.scale)}" for one in options.workloads)
    return "\n".join(
        (
            f"Method: {options.rounds} rounds over all rows, systems interleaved (each answers a question before the next is "
            "asked; who begins rotates), medians over the rounds.",
            f"Closed loop from {' and '.join(map(str, CLIENTS))} clients in a driver process; every prompt is a new one; the "
            "backend is a mock with a fixed answer, in a process of its own. Everything runs on the same cores.",
            f"Requests in a cell, never fewer than clients: {counts}; a quarter of it for one client of the paced stream. "
            "p99 of fewer than 100 requests is the slowest one.",
            "CPU-ms: user and system time of all processes of the system, by their CPU clocks, read before the cell and "
            f"{SETTLE_S:g} s after it, divided by its requests.",
            f"CPU ratio: to '{contest.reference}', over direct: less the direct one; both within a round.",
            *contest.notes,
        )
    )


def _listed(draw: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {milliseconds:.1f}" for name, milliseconds in draw.items())


def _circumstances(began: datetime, load_before: float) -> str:
    load_after = os.getloadavg()[0]
    return (
        f"{began:%Y-%m-%d %H:%M} UTC, {psutil.cpu_count()} x {_processor()}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, gateway {__version__}; load average {load_before:.2f} before, "
        f"{load_after:.2f} after; command: {' '.join(['python', '-m', _module(), *sys.argv[1:]])}"
    )


def _module() -> str:
    main = sys.modules["__main__"].__spec__
    return main.name.removesuffix(".__main__") if main is not None else "bench"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _shown(one: Measurement, total: int, at: int) -> Measurement:
    name, clients = one.question
    cpu = f"{one.cpu_ms:8.2f} CPU-ms" if one.cpu_ms is not None else " " * 15
    print(f"{at:4}/{total}  {name:32}{clients:3} clients  {one.system:34}{cpu}", file=sys.stderr)
    return one


def _keep(title: str, text: str, found: Sequence[Measurement], sights: Sequence[Sight], began: datetime) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    stem = RESULTS / f"{_module().rpartition('.')[2]}-{began:%Y%m%d-%H%M%S}"
    stem.with_suffix(".md").write_text(text + "\n")
    seen = [{**asdict(one), "leaked": len(one.leaked)} for one in sights]
    raw = {"title": title, "measurements": [asdict(one) for one in found], "sights": seen}
    stem.with_suffix(".json").write_bytes(orjson.dumps(raw, option=orjson.OPT_INDENT_2))
