"""Kept answers in this process's memory, within a number of bytes."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from gateway.caching.store import Found, Granted, Lease, Name

_OVERHEAD = 400
"""Bytes that CPython needs for an entry beside the answer, rounded up."""

_FENCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class _Entry:
    sealed: bytes = field(repr=False)
    until: float
    name: Name

    @property
    def size(self) -> int:
        return len(self.sealed) + _OVERHEAD


@dataclass(slots=True)
class _Shelf:
    """What is kept for one tenant, least recently used first; `held` counts bytes."""

    entries: OrderedDict[bytes, _Entry] = field(default_factory=OrderedDict, repr=False)
    held: int = 0

    def put(self, key: bytes, entry: _Entry) -> None:
        self.drop(key)
        self.entries[key] = entry
        self.held += entry.size

    def drop(self, key: bytes) -> None:
        known = self.entries.pop(key, None)
        self.held -= known.size if known else 0

    def drop_oldest(self) -> None:
        _, known = self.entries.popitem(last=False)
        self.held -= known.size


class MemoryStore:
    """Least recently used goes first, and it goes from the tenant that holds most: one that floods the cache pushes out its own
    answers, as long as others hold less than their share.
    """

    shared: ClassVar[bool] = False

    def __init__(self, max_bytes: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes = max_bytes
        self._monotonic = monotonic
        self._shelves: dict[str, _Shelf] = {}
        self.fence = secrets.token_bytes(_FENCE_BYTES)

    @property
    def held_bytes(self) -> int:
        return sum(shelf.held for shelf in self._shelves.values())

    async def get(self, name: Name) -> Found:
        shelf = self._shelves.get(name.tenant)
        entry = shelf.entries.get(name.key) if shelf else None
        if shelf is None or entry is None:
            return Found(fence=self.fence)
        if self._monotonic() >= entry.until:
            shelf.drop(name.key)
            return Found(fence=self.fence)
        shelf.entries.move_to_end(name.key)
        return Found(entry.sealed, self.fence)

    async def put(self, name: Name, sealed: bytes, *, ttl_s: float, fence: bytes) -> None:
        entry = _Entry(sealed, self._monotonic() + ttl_s, name)
        if fence != self.fence or entry.size > self._max_bytes:
            return
        self._shelves.setdefault(name.tenant, _Shelf()).put(name.key, entry)
        excess = self.held_bytes - self._max_bytes
        while excess > 0:
            fullest = max(self._shelves, key=lambda tenant: self._shelves[tenant].held)
            before = self._shelves[fullest].held
            self._shelves[fullest].drop_oldest()
            excess -= before - self._shelves[fullest].held
            if not self._shelves[fullest].entries:
                del self._shelves[fullest]

    async def lease(self, name: Name) -> Lease | None:  # noqa: ARG002  (in one process nobody else can ask)
        return Granted()

    async def clear(self, tenant: str, model: str | None = None, policy: str | None = None) -> int:
        """Moves the fence for everybody: answers of others that are on their way are given out, and not kept."""
        self.fence = secrets.token_bytes(_FENCE_BYTES)
        shelf = self._shelves.get(tenant, _Shelf())
        gone = [key for key, entry in shelf.entries.items() if entry.name.is_of(model, policy)]
        for key in gone:
            shelf.drop(key)
        return len(gone)

    async def close(self) -> None:
        self._shelves.clear()
