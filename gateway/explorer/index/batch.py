"""What some entries of the log change in the index: worked out before the transaction, and entered in it.

In SQLite all who write share one lock, the record of exchanges among them, and every exchange waits for that. So nothing is
done under the lock but what the database does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.explorer.index.reading import Told
from gateway.explorer.index.row import Row
from gateway.explorer.index.rows import Pair, add_terms, put_rows, remove_terms, rows_of_calls, stored
from gateway.explorer.index.sums import changes
from gateway.explorer.index.terms import terms_of
from gateway.explorer.index.totals import Hour, add_sums, hours_of, put_hours, sums_of


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows and pairs for the tables of the index. Right only for the index that it was worked out from."""

    rows: tuple[tuple[object, ...], ...]
    gone: tuple[Pair, ...]
    added: tuple[Pair, ...]
    sums: tuple[tuple[object, ...], ...]
    hours: tuple[Hour, ...]


def batch_of(connection: Connection, told: Sequence[Told]) -> Batch:
    """Reads what the index knows of these exchanges, and writes nothing."""
    before = rows_of_calls(connection, [one.call_id for one in told])
    after = tuple(one.since(before.get(one.call_id)) for one in told)
    gone, added = _terms(before, after)
    return Batch(
        rows=tuple(map(stored, after)),
        gone=gone,
        added=added,
        sums=sums_of(changes(before.values(), after)),
        hours=hours_of(connection, after),
    )


def enter(connection: Connection, batch: Batch) -> None:
    put_rows(connection, batch.rows)
    remove_terms(connection, batch.gone)
    add_terms(connection, batch.added)
    add_sums(connection, batch.sums)
    put_hours(connection, batch.hours)


def _terms(before: Mapping[str, Row], after: Sequence[Row]) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """What is no longer so, and what is new; in the order of the table, where neighbours go to the same page."""
    gone: list[Pair] = []
    added: list[Pair] = []
    for row in after:
        known = before.get(row.call_id)
        old, new = terms_of(known) if known else frozenset(), terms_of(row)
        gone += [(term, row.seq) for term in old - new]
        added += [(term, row.seq) for term in new - old]
    return tuple(gone), tuple(sorted(added))
