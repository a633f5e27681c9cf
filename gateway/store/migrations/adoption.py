"""Gives leaves to entries that are older than the tree, as the gateway made them when the tree came.

A copy, on purpose: what a revision does must not change with the code that writes entries today.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Any

from sqlalchemy import Connection

_BATCH = 1_000
_OLDER = "SELECT seq, kind, phase, at, call_id, body FROM entries ORDER BY seq"
_LEAF = "INSERT INTO leaves (seq, idx, salt, commitment, nodes) VALUES (?, ?, ?, ?, ?)"


def adopt(connection: Connection) -> None:
    """In order, in the caller's transaction. Only files of SQLite are so old."""
    if connection.dialect.name != "sqlite":
        return
    size, peaks = 0, list[bytes]()
    older = connection.exec_driver_sql(_OLDER)
    while batch := older.fetchmany(_BATCH):
        leaves = []
        for row in batch:
            leaves.append(_leaf(row, size, peaks))
            size += 1
        connection.exec_driver_sql(_LEAF, leaves)


def _leaf(row: Any, index: int, peaks: list[bytes]) -> tuple[int, int, bytes, bytes, bytes]:
    """The row of one leaf; `peaks`, the roots of the perfect subtrees so far, grow with it (RFC 6962, 2.1)."""
    seq, kind, phase, at, call_id, body = row
    salt = os.urandom(32)
    commitment = hmac.digest(salt, body.encode(), "sha256")
    words = (str(seq).encode(), kind.encode(), phase.encode(), at.encode(), call_id.encode(), commitment)
    data = b"21:gateway-audit-leaf/v1," + b"".join(b"%d:%b," % (len(word), word) for word in words)
    nodes = [hashlib.sha256(b"\x00" + data).digest()]
    for level in range(64):
        if not index >> level & 1:
            break
        nodes.append(hashlib.sha256(b"\x01" + peaks.pop() + nodes[-1]).digest())
    peaks.append(nodes[-1])
    return seq, index, salt, commitment, b"".join(nodes)
