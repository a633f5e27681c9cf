"""Reads the tree from the audit file as it is stored, for whoever checks or exports it. Opens the file read-only.

Reads in pages: one long read would keep SQLite from trimming the log's journal while it lasts. Nothing that is read is trusted:
what has not the shape that the gateway writes is named as NotVerified.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.audit.verify import Checkpoint, NotVerified, Row, VerifierKey, read_checkpoint, read_key

_SINCE = 3
"""The version of the file that has a tree."""
_PAGE = 1_000
_ROWS = (
    "SELECT leaves.seq, leaves.idx, leaves.salt, leaves.commitment, leaves.nodes, entries.seq,"
    " entries.kind, entries.phase, entries.at, entries.call_id, entries.body"
    " FROM leaves LEFT JOIN entries ON entries.seq = leaves.seq"
)
_NOTES = "SELECT size, note FROM checkpoints WHERE size > ? AND size <= ? ORDER BY size LIMIT ?"
_STRAY = "SELECT seq, call_id FROM entries WHERE seq NOT IN (SELECT seq FROM leaves) ORDER BY seq LIMIT 1"


@dataclass(frozen=True, slots=True)
class StoredRow:
    """An entry with its leaf, and the nodes of the tree that are kept with it."""

    row: Row
    nodes: bytes


class LogFile:
    """An audit file, up to where it had come when it was opened. Raises sqlite3.Error where it cannot be read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Raises NotVerified for a file from before the tree."""
        self.connection = connection
        if int(self._one("PRAGMA user_version")) < _SINCE:
            raise NotVerified("the file is older than the tree: its entries get their leaves when a gateway opens it")
        # In this order: whatever is signed is in the tree, also when a gateway goes on writing.
        self.signed = int(self._one("SELECT coalesce(max(size), 0) FROM checkpoints"))
        self.last_seq = int(self._one("SELECT coalesce(max(seq), 0) FROM leaves"))
        self.size = int(self._one("SELECT count(*) FROM leaves WHERE seq <= ?", self.last_seq))

    def rows(self, first: int = 0) -> Iterator[StoredRow]:
        """In the order of the log, from a leaf on."""
        after = int(self._one("SELECT coalesce(min(seq), ?) - 1 FROM leaves WHERE idx >= ?", self.last_seq + 1, first))
        query = f"{_ROWS} WHERE leaves.seq > ? AND leaves.seq <= ? ORDER BY leaves.seq LIMIT ?"
        while page := self.connection.execute(query, (after, self.last_seq, _PAGE)).fetchall():
            yield from map(_stored, page)
            after = page[-1][0]

    def rows_of(self, call_id: str) -> list[StoredRow]:
        query = f"{_ROWS} WHERE entries.call_id = ? AND leaves.seq <= ? ORDER BY leaves.seq"
        return [_stored(one) for one in self.connection.execute(query, (call_id, self.last_seq))]

    def notes(self) -> Iterator[tuple[int, str]]:
        """The checkpoints as they are stored: under which size, and the note."""
        after = -1
        while page := self.connection.execute(_NOTES, (after, self.signed, _PAGE)).fetchall():
            yield from ((int(size), str(note)) for size, note in page)
            after = page[-1][0]

    def checkpoints(self) -> Iterator[Checkpoint]:
        for size, note in self.notes():
            yield read_checkpoint(note, f"the checkpoint that is stored under size {size}")

    def keys(self) -> list[VerifierKey]:
        """Every key that signed, the latest last."""
        return [read_key(str(vkey)) for (vkey,) in self.connection.execute("SELECT vkey FROM verifier_keys ORDER BY rowid")]

    def first_since(self, moment: str) -> int:
        """The first leaf whose entry is of this time (ISO 8601, UTC) or later; the size of the log where there is none."""
        query = "SELECT min(leaves.idx) FROM leaves JOIN entries ON entries.seq = leaves.seq WHERE entries.at >= ?"
        found = self._one(query, moment)
        return self.size if found is None else int(found)

    def stray(self) -> tuple[int, str] | None:
        """`seq` and call of the first entry that has no leaf."""
        found = self.connection.execute(_STRAY).fetchone()
        return None if found is None else (int(found[0]), str(found[1]))

    def _one(self, query: str, *values: object) -> Any:
        return self.connection.execute(query, values).fetchone()[0]


@contextmanager
def opened(path: Path) -> Iterator[LogFile]:
    """Raises sqlite3.Error, or NotVerified for a file from before the tree."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = _as_it_is
        yield LogFile(connection)


def _as_it_is(raw: bytes) -> str:
    """Text that somebody spoiled must still be named, though it is no longer UTF-8."""
    return raw.decode("utf-8", "surrogateescape")


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
