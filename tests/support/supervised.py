"""A program with a supervisor and cheap workers, for tests: `python -m tests.support.supervised FOLDER COUNT`.

Each worker leaves a file with its process id under its number, appends to it what it is told, and ends on SIGTERM. A worker
whose number stands in the file `broken` dies before it listens, and none can be started while there is a file `full`.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from gateway.cli.serve.supervisor import Supervisor


def work(folder: Path, number: int, word: Connection) -> None:
    broken = folder / "broken"
    with (folder / "starts").open("a") as starts:
        starts.write(f"{number}\n")
    if broken.exists() and str(number) in broken.read_text():
        sys.exit(7)
    diary = folder / str(number)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGHUP, lambda *_: diary.write_text(f"{os.getpid()} hangup"))
    draft = folder / f"{number}.draft"
    draft.write_text(f"{os.getpid()}")
    draft.replace(diary)
    word.send(number)
    while not (folder / "stubborn").exists():
        signal.pause()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    diary.write_text("stubborn")
    while True:
        time.sleep(1)


def let_none_start(full: Path) -> None:
    """As where a limit on processes is reached, which does not hold for root, whom tests may run as."""
    start = SpawnProcess.start

    def limited(process: SpawnProcess) -> None:
        if full.exists():
            with full.open("a") as tried:
                tried.write("tried\n")
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        start(process)

    SpawnProcess.start = limited  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    place = Path(sys.argv[1])
    let_none_start(place / "full")
    supervisor = Supervisor(
        partial(work, place),
        int(sys.argv[2]),
        announce=lambda: (place / "all").touch(),
        grace_s=0.5,
        pause_s=0.01,
    )
    sys.exit(supervisor.run())
