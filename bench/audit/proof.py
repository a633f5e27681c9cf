"""Kills processes that write to one log, again and again, and checks what they leave. `make proof-audit`.

In each round two processes write to the same file, eight clients each, sign checkpoints often, and one of them replaces the
signing key over and over. At a random moment both are killed (SIGKILL). Then every entry that was acknowledged must be there,
and the whole log must verify under the key that was noted before the first round.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from bench.audit.sample import record
from gateway.audit.check import check_file
from gateway.audit.checkpointer import Checkpointer, rotate, sign
from gateway.audit.event import Outcome
from gateway.audit.export import export_log
from gateway.audit.log import Phase
from gateway.audit.rows import opened
from gateway.audit.signing import KeyFile, new_key
from gateway.audit.sqlite_log import SqliteAuditLog
from gateway.audit.sqlite_table import EntryTable
from gateway.audit.verify import Verified, VerifierKey, run
from gateway.errors import AuditUnavailable

_CLIENTS = 8
_LONGEST_S = 0.25


class AcknowledgedLost(Exception):
    """An entry was acknowledged, and is not in the log."""


def main() -> None:
    """Raises AcknowledgedLost or NotVerified where the promise does not hold."""
    given = _options()
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="gateway-proof-", dir=given.folder) as place:
        state = Path(place)
        noted = _keys(state).load().current.public
        promised = asyncio.run(_begun(state))
        for number in range(given.rounds):
            promised |= _round(state, number, chance.uniform(0.01, _LONGEST_S))
            found = _checked(state, noted, promised)
        export_log(state / "audit.sqlite", state / "log.zip")
        run(str(state / "log.zip"), str(noted), None, [])
        with opened(state / "audit.sqlite") as file:
            keys = len(file.keys())
    print(
        f"{given.rounds} rounds, 2 processes killed in each: {len(promised)} entries were acknowledged, all are in the log; "
        f"{keys} keys signed {found.checkpoints} checkpoints; {found}; its export verifies as well (seed {given.seed})"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=100, help="how often to kill")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="for the moments")
    parser.add_argument("--folder", type=Path, default=None, help="where the log is written; default: the temporary folder")
    return parser.parse_args()


def _keys(state: Path) -> KeyFile:
    return KeyFile(state / "audit.key", "proof/log")


def _round(state: Path, number: int, life_s: float) -> set[str]:
    """What was acknowledged before both were killed."""
    acknowledged = state / f"acknowledged-{number}"
    children = [
        _child(lambda: asyncio.run(_write(state, acknowledged, first=number * 2_000_000))),
        _child(lambda: asyncio.run(_write(state, acknowledged, first=number * 2_000_000 + 1_000_000, rotating=True))),
    ]
    time.sleep(life_s)
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            raise RuntimeError("a writer ended by itself")
    return set(acknowledged.read_text().split()) if acknowledged.exists() else set()


def _child(work: Callable[[], None]) -> int:
    """A process that does this until it is killed; forked, so that it starts at once."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    return child


async def _begun(state: Path) -> set[str]:
    """One entry under a checkpoint: of an empty log nothing can be proved, and the first kill may come before any entry."""
    log = SqliteAuditLog(state / "audit.sqlite", checkpointer=Checkpointer(_keys(state)))
    entry = record(Outcome.INCOMPLETE)(-1, Phase.OPENED)
    await log.append(entry)
    await log.close()
    return {entry.call_id}


async def _write(state: Path, acknowledged: Path, *, first: int, rotating: bool = False) -> None:
    checkpointer = Checkpointer(_keys(state), every_entries=20, every_s=0.02)
    log = SqliteAuditLog(state / "audit.sqlite", checkpointer=checkpointer)
    descriptor = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    opens, completes = record(Outcome.INCOMPLETE), record(Outcome.COMPLETED)

    async def client(number: int) -> None:
        while True:
            entry = opens(number, Phase.OPENED)
            await log.append(entry)
            os.write(descriptor, f"{entry.call_id}\n".encode())
            log.append_soon(completes(number, Phase.COMPLETED))
            number += _CLIENTS

    clients = [client(first + one) for one in range(_CLIENTS)]
    await asyncio.gather(*clients, *([_rotate(state)] if rotating else []))


async def _rotate(state: Path) -> None:
    with closing(EntryTable(state / "audit.sqlite")) as table:
        while True:
            await asyncio.sleep(0.01)
            with suppress(AuditUnavailable):  # the last rotation still waits for its checkpoint
                await asyncio.to_thread(rotate, table, _keys(state), new_key("proof/log"))


def _checked(state: Path, noted: VerifierKey, promised: set[str]) -> Verified:
    path = state / "audit.sqlite"
    with closing(EntryTable(path)) as table:
        sign(table, _keys(state))
        there = {row[0] for row in table.open().execute("SELECT call_id FROM entries WHERE phase = 'opened'")}
    if lost := promised - there:
        raise AcknowledgedLost(f"{len(lost)} acknowledged entries are not in the log, among them {min(lost)}")
    return check_file(path, noted)


if __name__ == "__main__":
    main()
