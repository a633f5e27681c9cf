"""The Merkle tree beside the entries: an entry and its leaf are written in one transaction.

A leaf says when, of what kind and of which call an entry is, and holds a commitment to its body under a random salt. The salt
lies beside the body: without both, the leaf and the tree still stand, and nothing can be learned of the body.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select

from gateway.audit.log import Entry
from gateway.audit.merkle import Frontier, Node, frontier_of, last_leaf, node_at
from gateway.audit.verify import commit, leaf_data, leaf_hash
from gateway.store.inserts import first_row
from gateway.store.tables.ledger import LEAVES

_SALT_BYTES = 32
_LAST = "SELECT seq, idx, commitment FROM leaves ORDER BY seq DESC LIMIT 1"
_NEXT = (
    select(LEAVES.c.seq, LEAVES.c.idx, LEAVES.c.nodes).where(LEAVES.c.seq >= bindparam("seq")).order_by(LEAVES.c.seq).limit(1)
)

LeafRow = tuple[int, int, bytes, bytes, bytes]
"""A row of LEAVES: seq, idx, salt, commitment, nodes."""
EntryRow = tuple[int, str, str, str, str, str]
"""A row of ENTRIES: seq, call_id, phase, at, body, kind."""


class DamagedTreeError(Exception):
    """The log lacks a part of its tree, so that nothing can be appended."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the log ends: the edge of its tree, and `seq` and commitment of its last entry; 0 and nothing in an empty one."""

    frontier: Frontier = field(default_factory=Frontier)
    seq: int = 0
    commitment: bytes = b""


@dataclass(frozen=True, slots=True)
class Growth:
    """What entries add to the log: the rows to write, and where it ends once they are committed."""

    tail: Tail
    leaves: list[LeafRow]
    entries: list[EntryRow]


def grown(tail: Tail, entries: Iterable[Entry]) -> Growth:
    """Pure, but for the salts."""
    leaves, rows = list[LeafRow](), list[EntryRow]()
    frontier, seq, commitment = tail.frontier, tail.seq, tail.commitment
    for entry in entries:
        seq, salt = seq + 1, os.urandom(_SALT_BYTES)
        commitment = commit(salt, entry.body.encode())
        kind, phase = entry.kind.value, entry.phase.value
        index = frontier.size
        frontier, nodes = frontier.append(leaf_hash(leaf_data(seq, kind, phase, entry.at, entry.call_id, commitment)))
        leaves.append((seq, index, salt, commitment, b"".join(nodes)))
        rows.append((seq, entry.call_id, phase, entry.at, entry.body, kind))
    return Growth(Tail(frontier, seq, commitment), leaves, rows)


def tail_of(connection: Connection) -> Tail:
    """Reads O(log n) leaves. Raises DamagedTreeError."""
    last = connection.exec_driver_sql(_LAST).one_or_none()
    if last is None:
        return Tail()
    try:
        return Tail(frontier_of(last[1] + 1, stored_nodes(connection)), last[0], bytes(last[2]))
    except LookupError:
        raise DamagedTreeError from None


def ends_with(connection: Connection, tail: Tail) -> bool:
    """Whether the log still ends there: one look-up, where `tail_of` takes many. Raises the driver's error."""
    last = first_row(connection, _LAST)
    if last is None:
        return tail.seq == 0
    return last == (tail.seq, tail.frontier.size - 1, tail.commitment)


def stored_nodes(connection: Connection) -> Node:
    """Looks nodes of the tree up. Raises LookupError for one that is not there."""
    return lambda level, index: node_at(_nodes_of(connection, last_leaf(level, index)), level)


def _nodes_of(connection: Connection, index: int) -> bytes:
    """The nodes kept with a leaf. Its `seq` is found by bisection: a file from before the tree may have gaps."""
    low, high = index + 1, None
    while high is None or low < high:
        middle = low if high is None else (low + high) // 2
        found = connection.execute(_NEXT, {"seq": middle}).one_or_none()
        if found is not None and found[1] == index:
            return bytes(found[2])
        if found is not None and found[1] < index:
            low = found[0] + 1
        else:
            high = middle
        high = high or int(connection.exec_driver_sql(_LAST).one()[0]) + 1
    raise LookupError("a leaf of the tree is missing")
