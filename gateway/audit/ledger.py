"""The Merkle tree in the audit file: an entry and its leaf are written in one transaction.

A leaf says when, of what kind and of which call an entry is, and holds a commitment to its body under a random salt. The salt
lies beside the body: without both, the leaf and the tree still stand, and nothing can be learned of the body.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass, field

from gateway.audit.log import Entry
from gateway.audit.merkle import Frontier, Node, frontier_of, last_leaf, node_at
from gateway.audit.verify import commit, leaf_data, leaf_hash

_SALT_BYTES = 32
_BATCH = 1_000
_ENTRY = "INSERT INTO entries (seq, call_id, phase, at, body, kind) VALUES (?, ?, ?, ?, ?, ?)"
_LEAF = "INSERT INTO leaves (seq, idx, salt, commitment, nodes) VALUES (?, ?, ?, ?, ?)"
_LAST = "SELECT seq, idx FROM leaves ORDER BY seq DESC LIMIT 1"
_OLDER = "SELECT seq, kind, phase, at, call_id, body FROM entries WHERE seq > ? ORDER BY seq"
_NEXT = "SELECT seq, idx, nodes FROM leaves WHERE seq >= ? ORDER BY seq LIMIT 1"

_Leaf = tuple[int, int, bytes, bytes, bytes]


class DamagedTreeError(Exception):
    """The file lacks a part of its tree, so that nothing can be appended."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the log ends: the edge of its tree, and the `seq` of its last entry, 0 in an empty one."""

    frontier: Frontier = field(default_factory=Frontier)
    seq: int = 0


def tail_of(connection: sqlite3.Connection) -> Tail:
    """Reads O(log n) leaves. Raises DamagedTreeError."""
    last = connection.execute(_LAST).fetchone()
    if last is None:
        return Tail()
    try:
        return Tail(frontier_of(last[1] + 1, stored_nodes(connection)), last[0])
    except LookupError:
        raise DamagedTreeError from None


def append(connection: sqlite3.Connection, tail: Tail, entry: Entry) -> Tail:
    """Write an entry and its leaf in the caller's transaction; once that is committed, the log ends there.

    Raises sqlite3.IntegrityError, with nothing written, where an entry is in its place already.
    """
    kind, phase = entry.kind.value, entry.phase.value
    after, leaf = _grown(tail, tail.seq + 1, kind, phase, entry.at, entry.call_id, entry.body)
    connection.execute(_ENTRY, (after.seq, entry.call_id, phase, entry.at, entry.body, kind))
    connection.execute(_LEAF, leaf)
    return after


def adopt(connection: sqlite3.Connection) -> None:
    """Give a leaf to each entry that is older than the tree, in order, in the caller's transaction."""
    tail = tail_of(connection)
    older = connection.execute(_OLDER, (tail.seq,))
    while batch := older.fetchmany(_BATCH):
        leaves = []
        for row in batch:
            tail, leaf = _grown(tail, *row)
            leaves.append(leaf)
        connection.executemany(_LEAF, leaves)


def stored_nodes(connection: sqlite3.Connection) -> Node:
    """Looks nodes of the tree up. Raises LookupError for one that is not there."""
    return lambda level, index: node_at(_nodes_of(connection, last_leaf(level, index)), level)


def _nodes_of(connection: sqlite3.Connection, index: int) -> bytes:
    """The nodes kept with a leaf. Its `seq` is found by bisection: a file from before the tree may have gaps."""
    low, high = index + 1, None
    while high is None or low < high:
        middle = low if high is None else (low + high) // 2
        found = connection.execute(_NEXT, (middle,)).fetchone()
        if found is not None and found[1] == index:
            return bytes(found[2])
        if found is not None and found[1] < index:
            low = found[0] + 1
        else:
            high = middle
        high = high or connection.execute(_LAST).fetchone()[0] + 1
    raise LookupError("a leaf of the tree is missing")


def _grown(tail: Tail, seq: int, kind: str, phase: str, at: str, call_id: str, body: str) -> tuple[Tail, _Leaf]:
    salt = os.urandom(_SALT_BYTES)
    commitment = commit(salt, body.encode())
    frontier, nodes = tail.frontier.append(leaf_hash(leaf_data(seq, kind, phase, at, call_id, commitment)))
    return Tail(frontier, seq), (seq, tail.frontier.size, salt, commitment, b"".join(nodes))
