"""Passages by their meaning: cosines of vectors, which are sealed at rest and open only in this process's memory.

Vectors tell much of the text that they were made of (Morris et al. 2023, arXiv:2310.06816), so they are treated as text.
A shelf is opened when it is first searched; afterwards only what has changed. 100,000 vectors of 384 numbers take 150 MB.
What was erased or removed is let go when this process next looks (`tidy`), also where nobody searches there any more.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from gateway.keys.data_key import TenantKey
from gateway.knowledge.embedding import Vector
from gateway.knowledge.sealed import open_vector
from gateway.knowledge.shelves import Shelf
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, SHELVES

_BATCH = 500
Ids: TypeAlias = npt.NDArray[np.int64]
_Name: TypeAlias = tuple[str, int]
"""Tenant and shelf: SQLite gives the number of a shelf that is gone once more, to whomever comes next."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """The vectors of one shelf, as they were at a revision; `ids` ascend."""

    revision: int
    ids: Ids
    matrix: npt.NDArray[np.float32] = field(repr=False)

    def among(self, there: Ids) -> _Opened:
        """Without what is not there any more."""
        still = np.isin(self.ids, there)
        return self if still.all() else _Opened(self.revision, self.ids[still], self.matrix[still])


@dataclass(slots=True)
class _Place:
    """Of a shelf: what is open of it, who opens it now, and the revision at which it was tidied."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    opened: _Opened | None = None
    tidied: int = 0


@dataclass(frozen=True, slots=True)
class Cosines:
    """How near each chunk of some shelves is to a question."""

    ids: Ids = field(repr=False)
    values: Vector = field(repr=False)

    def best(self, most: int) -> list[int]:
        """The ids of the nearest, the nearest first."""
        near = np.argpartition(-self.values, most)[:most] if len(self.values) > most else np.arange(len(self.values))
        return [int(self.ids[at]) for at in near[np.lexsort((self.ids[near], -self.values[near]))]]

    def of(self, chunks: Collection[int]) -> Mapping[int, float]:
        """Those of these chunks that have a vector."""
        own = self.among(chunks)
        return dict(zip(own.ids.tolist(), own.values.tolist(), strict=True))

    def among(self, chunks: Collection[int]) -> Cosines:
        """Of these chunks alone."""
        at = np.flatnonzero(_among(self.ids, np.sort(np.fromiter(chunks, np.int64))))
        return Cosines(self.ids[at], self.values[at])


def _among(ids: Ids, wanted: Ids) -> npt.NDArray[np.bool_]:
    """Which of many are among a few, which are sorted."""
    if not len(wanted):
        return np.zeros(len(ids), np.bool_)
    found: npt.NDArray[np.bool_] = wanted[np.minimum(np.searchsorted(wanted, ids), len(wanted) - 1)] == ids
    return found


class Meanings:
    """Usable from several threads."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._lock = threading.Lock()  # of the table alone, never held while a shelf is opened
        self._places: dict[_Name, _Place] = {}

    def near(self, connection: Connection, key: TenantKey, shelves: Sequence[Shelf], vector: Vector) -> Cosines:
        """Raises Unreadable."""
        opened = [one for shelf in shelves if len((one := self._current(connection, key, shelf)).ids)]
        if not opened:
            return Cosines(np.empty(0, np.int64), np.empty(0, np.float32))
        return Cosines(np.concatenate([one.ids for one in opened]), np.concatenate([one.matrix @ vector for one in opened]))

    def tidy(self, connection: Connection) -> None:
        """Let go of shelves and chunks that are gone. What is new waits for the next search."""
        with self._lock:
            held = dict(self._places)
        there = _revisions(connection, held)
        with self._lock:
            for name in held.keys() - there.keys():
                self._places.pop(name, None)
        for name, revision in there.items():
            self._thin(connection, name[1], held[name], revision)

    def _thin(self, connection: Connection, shelf: int, place: _Place, revision: int) -> None:
        with place.lock:
            if place.opened is not None and revision not in (place.opened.revision, place.tidied):
                place.opened, place.tidied = place.opened.among(self._there(connection, shelf)), revision

    def _current(self, connection: Connection, key: TenantKey, shelf: Shelf) -> _Opened:
        """Who searches a shelf waits for its opening, and for no other's."""
        with self._lock:
            place = self._places.setdefault((key.tenant, shelf.id), _Place())
        with place.lock:
            held = place.opened
            if held is None or held.revision != shelf.revision:
                held = place.opened = self._reopened(connection, key, shelf, held)
            return held

    def _reopened(self, connection: Connection, key: TenantKey, shelf: Shelf, before: _Opened | None) -> _Opened:
        """What was open already is not opened again."""
        there = self._there(connection, shelf.id)
        held = before if before is not None else _Opened(0, np.empty(0, np.int64), np.empty((0, 0), np.float32))
        still = held.among(there)
        fresh = dict(_vectors(connection, key, np.setdiff1d(there, still.ids).tolist()))
        ids = np.concatenate([still.ids, np.fromiter(fresh, np.int64)])
        rows = [still.matrix, np.stack(list(fresh.values()))] if fresh else [still.matrix]
        matrix = np.concatenate([part for part in rows if len(part)]) if len(ids) else still.matrix[:0]
        order = np.argsort(ids)
        return _Opened(shelf.revision, ids[order], matrix[order])

    def _there(self, connection: Connection, shelf: int) -> Ids:
        """The chunks of a shelf that are kept now."""
        own = (CHUNKS.c.shelf == shelf, CHUNKS.c.model == self._model)
        return np.fromiter(connection.execute(select(CHUNKS.c.id).where(*own)).scalars(), np.int64)


def _revisions(connection: Connection, names: Collection[_Name]) -> dict[_Name, int]:
    """Those of the shelves that are there, and hold something."""
    numbers, found = sorted({shelf for _, shelf in names}), dict[_Name, int]()
    columns = select(SHELVES.c.tenant, SHELVES.c.id, SHELVES.c.revision).where(SHELVES.c.chunks > 0)
    for at in range(0, len(numbers), _BATCH):
        for tenant, shelf, revision in connection.execute(columns.where(SHELVES.c.id.in_(numbers[at : at + _BATCH]))):
            found[tenant, shelf] = revision
    return {name: found[name] for name in names if name in found}


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
