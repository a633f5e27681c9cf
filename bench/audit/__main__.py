"""What the record of an exchange costs, with the Merkle tree and without, in SQLite and in Postgres. `make bench-audit`.

Method. A process of its own for each measurement writes exchanges to a new log on disk: as many clients as asked each enter an
exchange as opened, wait until that is durable, and enter it as completed without waiting, as the gateway does. The record is
that of a chat request of an ordinary size, made once: what is measured is the log. CPU time is that of the process, all its
threads, after a warm-up, closing included, and not that of a Postgres server; `signed` adds checkpoints, one for every 1,000
entries, and so does `postgres`. The ways take turns; figures
are medians over the rounds, the ratio is the median of the ratios within a round, `least` the cheapest round: other work on the
machine can only add.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from unittest.mock import patch

import orjson

from bench.audit.places import place
from bench.audit.plain import PlainTable
from bench.audit.sample import record
from bench.session import RESULTS
from gateway.audit.checkpointer import Checkpointer
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.event import Outcome
from gateway.audit.log import Phase
from gateway.audit.signing import KeyFile
from gateway.store.database import open_database

WAYS = ("no tree", "tree", "signed", "postgres")
_WARM_UP = 200


def main() -> None:
    """Measure, print, keep."""
    given = _options()
    if given.way:
        print(asyncio.run(_measured(given.way, given.folder, given.clients, given.exchanges)))
        return
    rounds = [{way: _in_a_process(way, given) for way in WAYS} for _ in range(given.rounds)]
    lines = ["| way | CPU-ms an exchange | ratio | least |", "|:--|--:|--:|--:|"]
    for way in WAYS:
        ratio = median(one[way] / one[WAYS[0]] for one in rounds)
        spent = [one[way] for one in rounds]
        lines.append(f"| {way} | {median(spent):.3f} | {ratio:.2f} | {min(spent):.3f} |")
    text = "\n".join(
        ["## The record", "", *lines, "", f"{given.clients} clients, {given.exchanges} exchanges, {given.rounds} rounds."]
    )
    print(text)
    RESULTS.mkdir(parents=True, exist_ok=True)
    stem = RESULTS / f"audit-{time.strftime('%Y%m%d-%H%M%S')}"
    stem.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    stem.with_suffix(".json").write_bytes(orjson.dumps(rounds, option=orjson.OPT_INDENT_2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often every way is measured")
    parser.add_argument("--exchanges", type=int, default=3_000, help="exchanges in a measurement")
    parser.add_argument("--clients", type=int, default=16, help="exchanges at the same time")
    parser.add_argument("--folder", type=Path, default=None, help="where the logs are written; default: the temporary folder")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_process(way: str, given: argparse.Namespace) -> float:
    options = ["--way", way, "--exchanges", str(given.exchanges), "--clients", str(given.clients)]
    options += ["--folder", str(given.folder)] if given.folder else []
    done = subprocess.run([sys.executable, "-m", "bench.audit", *options], capture_output=True, check=True, text=True)
    return float(done.stdout)


async def _measured(way: str, folder: Path | None, clients: int, exchanges: int) -> float:
    """CPU-ms an exchange."""
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-bench-", dir=folder)))
        url = stack.enter_context(place("postgres" if way == "postgres" else "sqlite", state))
        if way == "no tree":
            stack.enter_context(patch("gateway.audit.database_log.EntryTable", PlainTable))
        checkpointer = Checkpointer(KeyFile(state / "audit.key", "bench")) if way in ("signed", "postgres") else None
        database = stack.enter_context(closing(open_database(url)))
        log = DatabaseAuditLog(database, checkpointer=checkpointer)
        await _write(log, clients, range(_WARM_UP))
        began = time.process_time()
        await _write(log, clients, range(_WARM_UP, _WARM_UP + exchanges))
        await log.close()
        return (time.process_time() - began) * 1_000 / exchanges


async def _write(log: DatabaseAuditLog, clients: int, numbers: range) -> None:
    waiting = iter(numbers)
    opened, completed = record(Outcome.INCOMPLETE), record(Outcome.COMPLETED)

    async def client() -> None:
        for number in waiting:
            await log.append(opened(number, Phase.OPENED))
            log.append_soon(completed(number, Phase.COMPLETED))

    await asyncio.gather(*(client() for _ in range(clients)))


if __name__ == "__main__":
    main()
