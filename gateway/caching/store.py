"""Where kept answers lie: one protocol, in memory and on Redis. A store sees sealed bytes under hashed names.

A *fence* tells whether what was looked up before a call may still be kept after it: clearing moves it, so that an answer that
was on its way while its tenant's answers were erased does not come in behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol


@dataclass(frozen=True, slots=True)
class Name:
    """Where one answer lies. `key` is a keyed hash of the question; `policy` the version under which it was asked."""

    tenant: str
    model: str
    key: bytes
    policy: str = ""

    def is_of(self, model: str | None, policy: str | None) -> bool:
        """Whether it is of this model, if one is named, and of this version, if one is."""
        return model in (None, self.model) and policy in (None, self.policy)


@dataclass(frozen=True, slots=True)
class Found:
    """What a store said. `taken`: somebody is fetching this answer at the moment."""

    sealed: bytes | None = field(default=None, repr=False)
    fence: bytes = b""
    taken: bool = False


class Lease(Protocol):
    """The right to fetch one answer for everybody."""

    async def release(self) -> None: ...


class CacheStore(Protocol):
    """Never raises for trouble of its own and never waits long for it: what it cannot find is a miss, what it cannot keep is
    gone. `clear` is the exception: it raises ProtectionUnavailable where it could not clear.
    """

    shared: ClassVar[bool]
    """Whether other processes have the same answers."""

    async def get(self, name: Name) -> Found: ...

    async def put(self, name: Name, sealed: bytes, *, ttl_s: float, fence: bytes) -> None:
        """Keep it, unless `clear` came between: then nothing is kept."""

    async def lease(self, name: Name) -> Lease | None:
        """None where another process fetches this answer. Trouble is a lease: then everybody fetches alone."""

    async def clear(self, tenant: str, model: str | None = None, policy: str | None = None) -> int:
        """Forget a tenant's answers, or those of one of its models or of one version of the policy, never of both at once; how
        many there were, as far as is known.
        """

    async def close(self) -> None: ...


class Granted:
    """A lease that nobody else could have had."""

    async def release(self) -> None:
        """Nothing to give back."""
