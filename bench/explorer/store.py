"""Writes a log straight into a database: the entries as the gateway writes them, and leaves without a tree.

The index reads entries only. A log that is written like this does not verify, and is not meant to.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count, islice

from sqlalchemy import Connection, insert, select

from bench.explorer.corpus import Logged, exchanges
from gateway.store import Database
from gateway.store.tables.ledger import ENTRIES, LEAVES

_BATCH = 10_000


def fill(database: Database, exchanges_wanted: int) -> int:
    """How many entries were written."""
    numbers, written, entries = count(1), 0, _in_order(exchanges_wanted)
    while batch := tuple(islice(entries, _BATCH)):
        numbered = [(next(numbers), entry) for entry in batch]
        with database.writing() as connection:
            _write(connection, numbered)
        written += len(batch)
    return written


def calls(database: Database, last: int, wanted: int) -> list[str]:
    """Calls from all over a log of so many entries."""
    places = range(1, last + 1, max(1, last // wanted))
    with database.reading() as connection:
        found = connection.execute(select(ENTRIES.c.call_id).where(ENTRIES.c.seq.in_(places)))
        return [call_id for (call_id,) in found]


def _in_order(wanted: int) -> Iterator[Logged]:
    """Openings and completions by the moment they were written."""
    waiting: list[tuple[str, str, Logged]] = []
    for opened, completed in exchanges(wanted):
        while waiting and waiting[0][0] <= opened.at:
            yield heapq.heappop(waiting)[2]
        yield opened
        if completed is not None:
            heapq.heappush(waiting, (completed.at, completed.call_id, completed))
    while waiting:
        yield heapq.heappop(waiting)[2]


def _write(connection: Connection, numbered: list[tuple[int, Logged]]) -> None:
    leaves = [{"seq": seq, "idx": seq - 1, "salt": b"", "commitment": b"", "nodes": b""} for seq, _ in numbered]
    connection.execute(insert(LEAVES), leaves)
    entries = [
        {"seq": seq, "call_id": one.call_id, "phase": one.phase, "at": one.at, "body": one.body, "kind": "exchange"}
        for seq, one in numbered
    ]
    connection.execute(insert(ENTRIES), entries)
