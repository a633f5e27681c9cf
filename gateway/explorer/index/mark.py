"""How far the index has come. Whoever moves the mark holds it until his transaction ends, so that no entry counts twice."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from gateway.explorer.index.dialect import insert_into
from gateway.store.tables.index import INDEX_MARK

VERSION = 4
"""Of the index's form: what its terms, buckets and sums mean. An index of an older form is made anew."""
EMPTYING = -1


@dataclass(frozen=True, slots=True)
class Mark:
    version: int = VERSION
    seq: int = 0


def read_mark(connection: Connection) -> Mark | None:
    """None before the first entry was read."""
    columns = INDEX_MARK.c
    found = connection.execute(select(columns.version, columns.seq).where(columns.id == 1)).one_or_none()
    return None if found is None else Mark(*found)


def create_mark(connection: Connection) -> None:
    """Unless there is one."""
    row = {"id": 1, "version": VERSION, "seq": 0}
    connection.execute(insert_into(connection, INDEX_MARK).on_conflict_do_nothing(), row)


def move_mark(connection: Connection, before: Mark, after: Mark) -> bool:
    """False, and nothing moved, where somebody else moved it since it was read: then what was prepared is void."""
    columns = INDEX_MARK.c
    here = (columns.id == 1, columns.version == before.version, columns.seq == before.seq)
    moved = update(INDEX_MARK).where(*here).values(version=after.version, seq=after.seq)
    return connection.execute(moved).rowcount == 1
