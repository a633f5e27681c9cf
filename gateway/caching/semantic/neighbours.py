"""Which answers stand near a question: one protocol, and an index in this process's memory.

Vectors tell much of the text that they were made of (Morris et al. 2023, arXiv:2310.06816), so they are kept in memory only and
go when their answers go. A *bucket* is a keyed hash of all that must be equal; distances are measured within one.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from gateway.caching.semantic.embedder import Vector
from gateway.caching.store import Name

_IN_A_BUCKET = 8
_FENCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Neighbour:
    """`until` is in seconds of the index's clock."""

    name: Name
    vector: Vector = field(repr=False)
    until: float


class Neighbours(Protocol):
    @property
    def fence(self) -> bytes:
        """Moved by `forget`; what was begun before that is not added after it."""

    def holds(self, tenant: str, bucket: bytes) -> bool: ...

    def nearest(self, tenant: str, bucket: bytes, vector: Vector) -> tuple[Name, float] | None:
        """With its cosine."""

    def add(self, bucket: bytes, name: Name, vector: Vector, *, ttl_s: float, fence: bytes) -> None: ...

    def drop(self, bucket: bytes, name: Name) -> None: ...

    def forget(self, tenant: str, model: str | None = None) -> None: ...


class MemoryNeighbours:
    """`most` counts the buckets of each tenant; the one not used for longest goes first."""

    def __init__(self, most: int = 2_000, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._monotonic = monotonic
        self._tenants: dict[str, OrderedDict[bytes, list[Neighbour]]] = {}
        self.fence = secrets.token_bytes(_FENCE_BYTES)

    def holds(self, tenant: str, bucket: bytes) -> bool:
        return bool(self._fresh(tenant, bucket))

    def nearest(self, tenant: str, bucket: bytes, vector: Vector) -> tuple[Name, float] | None:
        near = [one for one in self._fresh(tenant, bucket) if one.vector.shape == vector.shape]
        if not near:
            return None
        self._tenants[tenant].move_to_end(bucket)
        cosines = np.stack([one.vector for one in near]) @ vector
        best = int(np.argmax(cosines))
        return near[best].name, float(cosines[best])

    def add(self, bucket: bytes, name: Name, vector: Vector, *, ttl_s: float, fence: bytes) -> None:
        if fence != self.fence:
            return
        buckets = self._tenants.setdefault(name.tenant, OrderedDict())
        others = [one for one in self._fresh(name.tenant, bucket) if one.name != name]
        buckets[bucket] = [*others, Neighbour(name, vector, self._monotonic() + ttl_s)][-_IN_A_BUCKET:]
        buckets.move_to_end(bucket)
        while len(buckets) > self._most:
            buckets.popitem(last=False)

    def drop(self, bucket: bytes, name: Name) -> None:
        self._keep(name.tenant, bucket, lambda one: one.name != name)

    def forget(self, tenant: str, model: str | None = None) -> None:
        self.fence = secrets.token_bytes(_FENCE_BYTES)
        for bucket in list(self._tenants.get(tenant, ())):
            self._keep(tenant, bucket, lambda one: model is not None and one.name.model != model)

    def _fresh(self, tenant: str, bucket: bytes) -> list[Neighbour]:
        now = self._monotonic()
        return self._keep(tenant, bucket, lambda one: now < one.until)

    def _keep(self, tenant: str, bucket: bytes, wanted: Callable[[Neighbour], bool]) -> list[Neighbour]:
        buckets = self._tenants.get(tenant)
        kept = [one for one in buckets.get(bucket, ()) if wanted(one)] if buckets else []
        if buckets is not None and bucket in buckets:
            if kept:
                buckets[bucket] = kept
            else:
                del buckets[bucket]
        return kept
