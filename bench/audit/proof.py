"""Kills processes that write to one log, again and again, and checks what they leave. `make proof-audit`.

In each round two processes write to one log, in SQLite or in Postgres, eight clients each. They sign checkpoints often, and
one replaces the signing key over and over. At a random moment both are killed (SIGKILL). Then every entry that was
acknowledged must be there, and the whole log must verify under the key that was noted before the first round.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.audit.places import KINDS, place
from bench.audit.sample import record
from gateway.audit.check import check_log
from gateway.audit.checkpointer import Checkpointer, rotate, sign
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.entry_table import EntryTable
from gateway.audit.event import Outcome
from gateway.audit.export import export_log
from gateway.audit.log import Phase
from gateway.audit.rows import opened
from gateway.audit.signing import KeyFile, new_key
from gateway.audit.verify import Verified, VerifierKey, run
from gateway.errors import AuditUnavailable
from gateway.store.database import Database, open_database

_CLIENTS = 8
_LONGEST_S = 0.5


class AcknowledgedLost(Exception):
    """An entry was acknowledged, and is not in the log."""


def main() -> None:
    """Raises AcknowledgedLost or NotVerified where the promise does not hold."""
    given = _options()
    chance = random.Random(given.seed)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-proof-", dir=given.folder))
        proof = Proof(Path(folder), stack.enter_context(place(given.database, Path(folder))))
        noted = proof.keys().load().current.public
        promised = asyncio.run(_begun(proof))
        for number in range(given.rounds):
            promised |= _round(proof, number, chance.uniform(0.01, _LONGEST_S))
            with proof.database() as database:
                found = _checked(proof, database, noted, promised)
        with proof.database() as database:
            keys = _exported(database, Path(folder) / "log.zip", noted)
    print(
        f"{given.database}: {given.rounds} rounds, 2 processes killed in each: "
        f"{len(promised)} entries were acknowledged, all are in the log; "
        f"{keys} keys signed {found.checkpoints} checkpoints; {found}; its export verifies as well (seed {given.seed})"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=100, help="how often to kill")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="for the moments")
    parser.add_argument("--folder", type=Path, default=None, help="where the log is written; default: the temporary folder")
    parser.add_argument(
        "--database", choices=KINDS, default="sqlite", help="what it is written to; a Postgres server is started"
    )
    return parser.parse_args()


@dataclass(frozen=True, slots=True)
class Proof:
    """A folder for keys and notes, and where the log is."""

    folder: Path
    url: str

    def keys(self) -> KeyFile:
        return KeyFile(self.folder / "audit.key", "proof/log")

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A database of one's own: connections do not survive a fork."""
        with closing(open_database(self.url)) as database:
            yield database


def _exported(database: Database, out: Path, noted: VerifierKey) -> int:
    """How many keys signed. Raises NotVerified where an export does not verify."""
    export_log(database, out)
    run(str(out), str(noted), None, [])
    with opened(database) as log:
        return len(log.keys())


def _round(proof: Proof, number: int, life_s: float) -> set[str]:
    """What was acknowledged before both were killed."""
    acknowledged = proof.folder / f"acknowledged-{number}"
    children = [
        _child(lambda: asyncio.run(_write(proof, acknowledged, first=number * 2_000_000))),
        _child(lambda: asyncio.run(_write(proof, acknowledged, first=number * 2_000_000 + 1_000_000, rotating=True))),
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


async def _begun(proof: Proof) -> set[str]:
    """One entry under a checkpoint: of an empty log nothing can be proved, and the first kill may come before any entry."""
    entry = record(Outcome.INCOMPLETE)(-1, Phase.OPENED)
    with proof.database() as database:
        log = DatabaseAuditLog(database, checkpointer=Checkpointer(proof.keys()))
        await log.append(entry)
        await log.close()
    return {entry.call_id}


async def _write(proof: Proof, acknowledged: Path, *, first: int, rotating: bool = False) -> None:
    database = open_database(proof.url)
    log = DatabaseAuditLog(database, checkpointer=Checkpointer(proof.keys(), every_entries=20, every_s=0.02))
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
    await asyncio.gather(*clients, *([_rotate(proof, database)] if rotating else []))


async def _rotate(proof: Proof, database: Database) -> None:
    with closing(EntryTable(database)) as table:
        while True:
            await asyncio.sleep(0.01)
            with suppress(AuditUnavailable):  # the last rotation still waits for its checkpoint
                await asyncio.to_thread(rotate, table, proof.keys(), new_key("proof/log"))


def _checked(proof: Proof, database: Database, noted: VerifierKey, promised: set[str]) -> Verified:
    with closing(EntryTable(database)) as table:
        sign(table, proof.keys())
    with database.reading() as connection:
        there = {row[0] for row in connection.exec_driver_sql("SELECT call_id FROM entries WHERE phase = 'opened'")}
    if lost := promised - there:
        raise AcknowledgedLost(f"{len(lost)} acknowledged entries are not in the log, among them {min(lost)}")
    return check_log(database, noted)


if __name__ == "__main__":
    main()
