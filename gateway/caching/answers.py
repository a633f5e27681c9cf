"""The answers that are kept: found by question, and sealed under their tenant's key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from gateway.caching.answer import CachedAnswer
from gateway.caching.question import Question
from gateway.caching.store import CacheStore, Found, Lease, Name
from gateway.errors import ProtectionUnavailable, Unreadable
from gateway.keys.envelope import seal, unseal

_FIRST_LOOK_S = 0.02
_LONGEST_LOOK_S = 0.25


class SubKeys(Protocol):
    """A tenant's key, as far as the cache uses it: one key for each purpose, 32 bytes."""

    def sub_key(self, purpose: str) -> bytes: ...


class TenantKeys(Protocol):
    async def of(self, tenant: str) -> SubKeys:
        """Raises ProtectionUnavailable, and KeyDestroyed for a tenant that was erased."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one question's answer. Those of equal `company` may share it before it is there (see `Question.company`)."""

    name: Name
    company: bytes
    sealing: bytes = field(repr=False)

    @property
    def context(self) -> str:
        """What the answer is sealed for: under another question's key it does not open."""
        return f"cached-answer/{self.name.key.hex()}"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a question. `fence` is what `keep` wants back; `taken`: another process fetches the answer now."""

    answer: CachedAnswer | None
    fence: bytes
    taken: bool


class Answers:
    """`patience_s` is how long an answer is waited for that another process fetches. `clock` counts seconds since 1970.
    `cleared` hears of a tenant, and of a model and a version of the policy, or None, whose answers are forgotten.
    """

    def __init__(
        self,
        store: CacheStore,
        keys: TenantKeys,
        *,
        patience_s: float = 10.0,
        clock: Callable[[], float] = time.time,
        cleared: Callable[[str, str | None, str | None], None] | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._patience_s = patience_s
        self._cleared = cleared
        self.clock = clock

    @property
    def shared(self) -> bool:
        """Whether other processes have the same answers."""
        return self._store.shared

    async def slot(self, question: Question) -> Slot | None:
        """None where there is no key to name and seal with."""
        try:
            key = await self._keys.of(question.tenant)
        except ProtectionUnavailable:
            return None
        naming = key.sub_key("cache/name")
        name = Name(question.tenant, question.model, question.key(naming), question.policy_version)
        return Slot(name, question.company(naming), key.sub_key("cache/seal"))

    async def find(self, slot: Slot) -> Known:
        found = await self._store.get(slot.name)
        return Known(_opened(slot, found), found.fence, found.taken)

    async def keep(self, slot: Slot, answer: CachedAnswer, *, ttl_s: float, fence: bytes) -> None:
        sealed = seal(slot.sealing, answer.packed(), slot.context)
        await self._store.put(slot.name, sealed, ttl_s=ttl_s, fence=fence)

    async def lease(self, slot: Slot) -> Lease | None:
        """None where another process fetches this answer."""
        return await self._store.lease(slot.name)

    async def fetched_elsewhere(self, slot: Slot, accept: Callable[[CachedAnswer], bool]) -> CachedAnswer | None:
        """Wait for the process that holds the lease; None where it came to nothing, or took too long."""
        pause, until = _FIRST_LOOK_S, time.monotonic() + self._patience_s
        while time.monotonic() < until:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_LOOK_S)
            known = await self.find(slot)
            if known.answer is not None and accept(known.answer):
                return known.answer
            if not known.taken:
                return None
        return None

    def age_s(self, answer: CachedAnswer) -> float:
        """One from the future is taken for as old: a clock was set back, and nobody knows how old it is."""
        return abs(self.clock() - answer.made_at)

    async def clear(self, tenant: str, model: str | None = None, policy: str | None = None) -> int:
        """Forget a tenant's answers, or those of one model or of one version of the policy; how many there were.

        Raises ProtectionUnavailable.
        """
        gone = await self._store.clear(tenant, model, policy)
        if self._cleared is not None:
            self._cleared(tenant, model, policy)
        return gone

    async def erase(self, tenant: str, tags: Collection[bytes] | None) -> int:  # noqa: ARG002  (see below)
        """Erase what is kept of a person. Nobody can tell from sealed answers whom they are about, and a model may have named
        people that nobody found, so all of the tenant's are erased: that costs some calls to a backend, and no promise.
        """
        return await self.clear(tenant)

    async def close(self) -> None:
        await self._store.close()


def _opened(slot: Slot, found: Found) -> CachedAnswer | None:
    """What does not open, or was written by another version, is a miss."""
    if found.sealed is None:
        return None
    try:
        return CachedAnswer.unpacked(unseal(slot.sealing, found.sealed, slot.context))
    except (Unreadable, ValueError):
        return None
