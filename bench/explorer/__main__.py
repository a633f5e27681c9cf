"""How long the explorer's pages take at a million exchanges. `make bench-explorer`.

Method. A log of as many exchanges as asked (two entries each, but for those that never completed) is written straight into a
new database, without the Merkle tree, which the index does not read; the index is made from it as a gateway makes it, and what
that takes is told in CPU time. Then every page is asked for again and again in one process, each time on a connection of its
own, as the gateway does. Times are those of the server's work on the index, wall clock: HTML, the act that a look leaves and
the way to the browser are not in them; CPU time is that of this process, in which SQLite works too. The first reading of each
page is told apart: its part of the file may not be in memory then. The target is 200 ms.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from bench.explorer.pages import Page, pages
from bench.explorer.store import calls, fill
from bench.session import RESULTS
from gateway.explorer.index.index import Index
from gateway.store import Database, open_database

_TARGET_MS = 200.0
_BATCH = 1_000


def main() -> None:
    given = _options()
    with tempfile.TemporaryDirectory(prefix="gateway-bench-", dir=given.folder) as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'audit.sqlite'}"
        with closing(open_database(url)) as database:
            lines = [f"## The explorer at {given.exchanges:,} exchanges ({database.kind})", ""]
            lines += _made(database, given.exchanges)
            lines += _timed(database, given.rounds)
    text = "\n".join(lines)
    print(text)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"explorer-{time.strftime('%Y%m%d-%H%M%S')}.md").write_text(text + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--exchanges", type=int, default=1_000_000, help="how many; a million takes 4 GB and some minutes")
    parser.add_argument("--rounds", type=int, default=20, help="how often every page is read")
    parser.add_argument("--folder", type=Path, default=None, help="where the database is made; default: the temporary folder")
    parser.add_argument("--database", default=None, help="URL of a database; one that holds a log already is taken as it is")
    return parser.parse_args()


def _made(database: Database, exchanges: int) -> list[str]:
    """Fill and index what is not filled and indexed."""
    index, said = Index(database), []
    if not index.behind() and not index.mark().seq:
        _tell(f"writing {exchanges:,} exchanges ...")
        entries = fill(database, exchanges)
        said += [f"{entries:,} entries were written.", ""]
    behind = index.behind()
    if behind:
        _tell(f"indexing {behind:,} entries ...")
        began = time.process_time()
        while index.follow(_BATCH):
            pass
        spent = (time.process_time() - began) * 1_000
        said += [f"Indexing took {spent / behind * 2:.3f} CPU-ms an exchange (two entries).", ""]
    if database.path is not None:
        said += [f"The file, record and index, is of {database.path.stat().st_size / 1e9:.1f} GB.", ""]
    return said


def _timed(database: Database, rounds: int) -> list[str]:
    index = Index(database)
    lines = ["| page | first ms | median ms | p95 ms | CPU-ms | what came |", "|:--|--:|--:|--:|--:|:--|"]
    slowest = 0.0
    last = index.mark().seq
    for name, page in pages(database, index, calls(database, last, 50), last):
        _tell(name)
        times, cpu, came = _times(page, rounds)
        later = sorted(times[1:])
        p95 = later[min(len(later) - 1, int(len(later) * 0.95))]
        slowest = max(slowest, p95)
        lines.append(f"| {name} | {times[0]:.1f} | {median(later):.1f} | {p95:.1f} | {cpu:.1f} | {came} |")
    verdict = "within" if slowest <= _TARGET_MS else "NOT within"
    return [*lines, "", f"The slowest p95 is {slowest:.0f} ms: {verdict} the target of {_TARGET_MS:.0f} ms."]


def _times(page: Page, rounds: int) -> tuple[list[float], float, str]:
    """Milliseconds of each reading, the CPU time of one (ms, of this process), and what came of the last."""
    times, came, spent = [], "", time.process_time()
    for turn in range(rounds + 1):
        began = time.perf_counter()
        came = page(turn)
        times.append((time.perf_counter() - began) * 1_000)
    return times, (time.process_time() - spent) * 1_000 / (rounds + 1), came


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
