"""Passages by their meaning: cosines of vectors, which are sealed at rest and open only in this process's memory.

Vectors tell much of the text that they were made of (Morris et al. 2023, arXiv:2310.06816), so they are treated as text.
A shelf is opened when it is first searched; afterwards only what has changed. 100,000 vectors of 384 numbers take 150 MB.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from gateway.keys.data_key import TenantKey
from gateway.knowledge.embedding import Vector
from gateway.knowledge.sealed import open_vector
from gateway.knowledge.shelves import Shelf
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS

_BATCH = 500


@dataclass(frozen=True, slots=True)
class _Opened:
    """The vectors of one shelf, as they were at a revision."""

    revision: int
    ids: tuple[int, ...]
    matrix: npt.NDArray[np.float32] = field(repr=False)


class Meanings:
    """Usable from several threads."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._opened: dict[int, _Opened] = {}

    def by_meaning(
        self, connection: Connection, key: TenantKey, shelves: Sequence[Shelf], vector: Vector, most: int
    ) -> list[int]:
        """The ids of the best chunks, the best first. Raises Unreadable."""
        opened = [one for shelf in shelves if (one := self._current(connection, key, shelf)).ids]
        if not opened:
            return []
        ids = [chunk for one in opened for chunk in one.ids]
        cosines = np.concatenate([one.matrix @ vector for one in opened])
        best = np.argsort(-cosines, kind="stable")[:most]
        return [ids[at] for at in best]

    def forget(self, shelves: Sequence[int]) -> None:
        """Let go of what was opened of these."""
        with self._lock:
            for shelf in shelves:
                self._opened.pop(shelf, None)

    def _current(self, connection: Connection, key: TenantKey, shelf: Shelf) -> _Opened:
        with self._lock:
            held = self._opened.get(shelf.id)
            if held is None or held.revision != shelf.revision:
                held = self._opened[shelf.id] = self._reopened(connection, key, shelf, held)
            return held

    def _reopened(self, connection: Connection, key: TenantKey, shelf: Shelf, before: _Opened | None) -> _Opened:
        own = (CHUNKS.c.shelf == shelf.id, CHUNKS.c.model == self._model)
        ids = tuple(connection.execute(select(CHUNKS.c.id).where(*own).order_by(CHUNKS.c.id)).scalars())
        known = dict(zip(before.ids, before.matrix, strict=True)) if before is not None else {}
        fresh = dict(_vectors(connection, key, [chunk for chunk in ids if chunk not in known]))
        rows = {chunk: known.get(chunk, fresh.get(chunk)) for chunk in ids}
        kept = {chunk: row for chunk, row in rows.items() if row is not None}
        return _Opened(shelf.revision, tuple(kept), np.stack(list(kept.values())) if kept else np.empty((0, 0), np.float32))


def _vectors(connection: Connection, key: TenantKey, chunks: Sequence[int]) -> Iterator[tuple[int, Vector]]:
    columns = select(CHUNKS.c.id, CHUNKS.c.key_id, CHUNKS.c.vector, DATA_KEYS.c.wrapped).join(
        DATA_KEYS, DATA_KEYS.c.id == CHUNKS.c.key_id
    )
    for at in range(0, len(chunks), _BATCH):
        rows: Mapping[int, tuple[str, bytes, bytes | None]] = {
            chunk: (key_id, sealed, wrapped)
            for chunk, key_id, sealed, wrapped in connection.execute(columns.where(CHUNKS.c.id.in_(chunks[at : at + _BATCH])))
        }
        for chunk, (key_id, sealed, wrapped) in rows.items():
            if wrapped is not None:
                yield chunk, open_vector(key.data_key(key_id, bytes(wrapped)), chunk, bytes(sealed))
