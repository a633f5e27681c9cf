"""Which answers stand near a question: one protocol, and an index in this process's memory.

Vectors tell much of the text that they were made of (Morris et al. 2023, arXiv:2310.06816), so they are in memory or sealed,
and go when their answers go. A *bucket* is a keyed hash of all that must be equal; distances are measured within one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from gateway.caching.semantic.embedder import Vector
from gateway.caching.store import Name

MOST_IN_A_BUCKET = 8


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An answer, and how its question was put."""

    name: Name
    vector: Vector = field(repr=False)


class Neighbours(Protocol):
    """`fence` is that of the answers' store, as it was before the answer was fetched: once it has moved nothing is added."""

    async def near(self, like: Name, bucket: bytes) -> Sequence[Neighbour]:
        """All in the bucket. `like` is the name of an answer to the question itself: tenant, model and version are the same."""

    async def add(self, bucket: bytes, name: Name, vector: Vector, *, ttl_s: float, fence: bytes) -> None: ...

    async def drop(self, bucket: bytes, name: Name) -> None: ...

    def forget(self, tenant: str, model: str | None = None, policy: str | None = None) -> None:
        """To be called when these answers have been cleared."""


def nearest(near: Sequence[Neighbour], vector: Vector) -> tuple[Name, float] | None:
    """With its cosine. Vectors of another length are of another model."""
    comparable = [one for one in near if one.vector.shape == vector.shape]
    if not comparable:
        return None
    cosines = np.stack([one.vector for one in comparable]) @ vector
    best = int(np.argmax(cosines))
    return comparable[best].name, float(cosines[best])


@dataclass(frozen=True, slots=True)
class _Aging:
    """`until` is in seconds of the index's clock."""

    neighbour: Neighbour
    until: float

    @property
    def name(self) -> Name:
        return self.neighbour.name


class MemoryNeighbours:
    """`fence` tells that of the store in this memory. `most` counts the buckets of each tenant; the one not used for longest
    goes first.
    """

    def __init__(
        self, fence: Callable[[], bytes], *, most: int = 2_000, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._fence = fence
        self._most = most
        self._monotonic = monotonic
        self._tenants: dict[str, OrderedDict[bytes, list[_Aging]]] = {}

    async def near(self, like: Name, bucket: bytes) -> Sequence[Neighbour]:
        near = self._fresh(like.tenant, bucket)
        if near:
            self._tenants[like.tenant].move_to_end(bucket)
        return [one.neighbour for one in near]

    async def add(self, bucket: bytes, name: Name, vector: Vector, *, ttl_s: float, fence: bytes) -> None:
        if fence != self._fence():
            return
        buckets = self._tenants.setdefault(name.tenant, OrderedDict())
        others = [one for one in self._fresh(name.tenant, bucket) if one.name != name]
        aging = _Aging(Neighbour(name, vector), self._monotonic() + ttl_s)
        buckets[bucket] = [*others, aging][-MOST_IN_A_BUCKET:]
        buckets.move_to_end(bucket)
        while len(buckets) > self._most:
            buckets.popitem(last=False)

    async def drop(self, bucket: bytes, name: Name) -> None:
        self._keep(name.tenant, bucket, lambda one: one.name != name)

    def forget(self, tenant: str, model: str | None = None, policy: str | None = None) -> None:
        for bucket in list(self._tenants.get(tenant, ())):
            self._keep(tenant, bucket, lambda one: not one.name.is_of(model, policy))

    def _fresh(self, tenant: str, bucket: bytes) -> list[_Aging]:
        now = self._monotonic()
        return self._keep(tenant, bucket, lambda one: now < one.until)

    def _keep(self, tenant: str, bucket: bytes, wanted: Callable[[_Aging], bool]) -> list[_Aging]:
        buckets = self._tenants.get(tenant)
        kept = [one for one in buckets.get(bucket, ()) if wanted(one)] if buckets else []
        if buckets is not None and bucket in buckets:
            if kept:
                buckets[bucket] = kept
            else:
                del buckets[bucket]
        return kept
