"""Reads the log and its tree as they are stored, for whoever checks or exports them.

Reads in pages: one long read would keep SQLite from trimming the log's journal while it lasts. Nothing that is read is trusted:
what has not the shape that the gateway writes is named as NotVerified.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select, type_coerce
from sqlalchemy.types import NullType

from gateway.audit.verify import Checkpoint, NotVerified, Row, VerifierKey, checked_leaf, read_checkpoint, read_key
from gateway.printable import printable
from gateway.store.database import Database
from gateway.store.tables.ledger import CHECKPOINTS, ENTRIES, LEAVES, VERIFIER_KEYS

_log = logging.getLogger(__name__)
_PAGE = 1_000
_BOTH = LEAVES.outerjoin(ENTRIES, ENTRIES.c.seq == LEAVES.c.seq)
_BYTES = (LEAVES.c.salt, LEAVES.c.commitment, LEAVES.c.nodes)
_COLUMNS = select(
    LEAVES.c.seq,
    LEAVES.c.idx,
    *(type_coerce(column, NullType()) for column in _BYTES),  # as the driver reads them
).add_columns(ENTRIES.c.seq, ENTRIES.c.kind, ENTRIES.c.phase, ENTRIES.c.at, ENTRIES.c.call_id, ENTRIES.c.body)
_ROWS = _COLUMNS.select_from(_BOTH).order_by(LEAVES.c.seq)
_OF_ENTRIES = _COLUMNS.select_from(ENTRIES.outerjoin(LEAVES, ENTRIES.c.seq == LEAVES.c.seq))


@dataclass(frozen=True, slots=True)
class StoredRow:
    """An entry with its leaf, and the nodes of the tree that are kept with it."""

    row: Row
    nodes: bytes

    def leaf(self, index: int) -> bytes:
        """The hash of the leaf, made anew, that has this index. Raises NotVerified where it is not the one that is kept."""
        leaf = checked_leaf(self.row, index)
        if leaf != self.nodes[: len(leaf)]:
            raise NotVerified(f"{self.row.name}: the entry is not what its leaf was made of")
        return leaf


class StoredLog:
    """A log, up to where it had come when it was opened. Raises DBAPIError where it cannot be read."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        # In this order: whatever is signed is in the tree, also when a gateway goes on writing.
        self.signed = int(self._one(select(func.coalesce(func.max(CHECKPOINTS.c.size), 0))))
        self.last_seq = int(self._one(select(func.coalesce(func.max(LEAVES.c.seq), 0))))
        self.size = int(self._one(select(func.count()).select_from(LEAVES).where(LEAVES.c.seq <= self.last_seq)))

    def rows(self, first: int = 0) -> Iterator[StoredRow]:
        """In the order of the log, from a leaf on."""
        start = select(func.coalesce(func.min(LEAVES.c.seq), self.last_seq + 1)).where(LEAVES.c.idx >= first)
        after = int(self._one(start)) - 1
        while page := self._rows(_ROWS.where(LEAVES.c.seq > after, LEAVES.c.seq <= self.last_seq).limit(_PAGE)):
            yield from map(_stored, page)
            after = page[-1][0]

    def rows_of(self, call_id: str) -> list[StoredRow]:
        return [_stored(one) for one in self._rows(_ROWS.where(ENTRIES.c.call_id == call_id, LEAVES.c.seq <= self.last_seq))]

    def notes(self) -> Iterator[tuple[int, str]]:
        """The checkpoints as they are stored: under which size, and the note."""
        size, query = CHECKPOINTS.c.size, select(CHECKPOINTS.c.size, CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size)
        after = -1
        while page := self._rows(query.where(size > after, size <= self.signed).limit(_PAGE)):
            yield from ((int(size), str(note)) for size, note in page)
            after = page[-1][0]

    def newest(self) -> tuple[int, str]:
        """Size and note of the last checkpoint; size 0 where there is none."""
        query = select(CHECKPOINTS.c.size, CHECKPOINTS.c.note).where(CHECKPOINTS.c.size == self.signed)
        found = self.connection.execute(query).one_or_none()
        return (0, "") if found is None else (int(found[0]), str(found[1]))

    def checkpoints(self) -> Iterator[Checkpoint]:
        for size, note in self.notes():
            yield read_checkpoint(note, f"the checkpoint that is stored under size {size}")

    def keys(self) -> list[VerifierKey]:
        """Every key that signed, the latest last."""
        query = select(VERIFIER_KEYS.c.vkey).order_by(VERIFIER_KEYS.c.at, VERIFIER_KEYS.c.vkey)
        return [read_key(str(vkey)) for (vkey,) in self._rows(query)]

    def first_since(self, moment: str) -> int:
        """The first leaf whose entry is of this time (ISO 8601, UTC) or later; the size of the log where there is none."""
        found = self._one(select(func.min(LEAVES.c.idx)).select_from(_BOTH).where(ENTRIES.c.at >= moment))
        return self.size if found is None else int(found)

    def stray(self) -> tuple[int, str] | None:
        """`seq` and call of the first entry that has no leaf."""
        leafless = ~select(LEAVES.c.seq).where(LEAVES.c.seq == ENTRIES.c.seq).exists()
        query = select(ENTRIES.c.seq, ENTRIES.c.call_id).where(leafless).order_by(ENTRIES.c.seq).limit(1)
        found = self.connection.execute(query).one_or_none()
        return None if found is None else (int(found[0]), str(found[1]))

    def _one(self, query: Select[Any]) -> Any:
        return self.connection.execute(query).scalar_one()

    def _rows(self, query: Select[Any]) -> list[Any]:
        return list(self.connection.execute(query).all())


@contextmanager
def opened(database: Database) -> Iterator[StoredLog]:
    """Raises AuditUnavailable."""
    with _reading(database) as connection:
        yield StoredLog(connection)


def bodies_on_record(database: Database, which: Select[Any]) -> Iterator[str]:
    """The bodies of entries of which `which` selects `seq`, in any order. One without a leaf, or that is not what its leaf was
    made of, no gateway entered so: such are left out, and one line in the log tells of them. Raises AuditUnavailable.

    Whether the leaf is in the tree that was signed is not asked: that takes as long as to verify the log.
    """
    strange, first = 0, ""
    with _reading(database) as connection:
        for values in connection.execute(_OF_ENTRIES.where(ENTRIES.c.seq.in_(which))):
            try:
                stored = _of_entry(tuple(values))
                stored.leaf(stored.row.index)
            except NotVerified as error:
                strange, first = strange + 1, first or str(error)
            else:
                yield stored.row.body or ""
    if strange:
        told = "%d entries are not as a gateway entered them, and are not followed (gateway audit verify): %s"
        _log.error(told, strange, first)


@contextmanager
def _reading(database: Database) -> Iterator[Connection]:
    with database.reading() as connection:
        raw = connection.connection.driver_connection
        if isinstance(raw, sqlite3.Connection):
            raw.text_factory = _as_it_is
        yield connection


def _as_it_is(raw: bytes) -> str:
    """Text that somebody spoiled must still be named, though it is no longer UTF-8."""
    return raw.decode("utf-8", "surrogateescape")


def no_leaf(seq: int, call_id: str) -> NotVerified:
    """For an entry that no gateway entered."""
    return NotVerified(f"the entry with seq {seq} (call {printable(call_id)}) has no leaf: it was inserted past the gateway")


def _of_entry(values: tuple[Any, ...]) -> StoredRow:
    if values[0] is None:
        raise no_leaf(values[5], str(values[9]))
    return _stored(values)


def _stored(values: tuple[Any, ...]) -> StoredRow:
    seq, idx, salt, commitment, nodes, entry_seq, kind, phase, at, call_id, body = values
    if entry_seq is None:
        raise NotVerified(f"leaf {idx} (seq {seq}) has no entry: it was removed")
    words = (kind, phase, at, call_id, body)
    shapes = all(isinstance(word, str) for word in words) and isinstance(salt, bytes | None)
    if not shapes or not isinstance(commitment, bytes) or not isinstance(nodes, bytes):
        raise NotVerified(f"leaf {idx} (seq {seq}) is not as the gateway writes it")
    erased = salt is None and body == ""
    return StoredRow(Row(idx, seq, kind, phase, at, call_id, None if erased else body, salt, commitment), nodes)
