"""What was found in long texts, on Redis: another process that reads the same chat or document need not look again.

An entry says where in a text what kind of personal data stands, and nothing of the text. It is sealed under a key of its
tenant, for the one text and the one way of reading it; its name is a hash under another key of the tenant. Nobody without these
keys can make up an entry, nor move one to another text, so what opens is what one of us found.

Two processes find the same only if they are the same: the version of every installed package is part of a name, and so are the
bytes of our own recognizers and weights, which may be others under one version.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Protocol

import orjson
from redis.asyncio import Redis

from gateway.detection.kept import Kept
from gateway.errors import ProtectionUnavailable, Unreadable
from gateway.exchange import Finding
from gateway.keys.envelope import seal, unseal
from gateway.rules.detection import DetectionRules
from gateway.shared.link import Link
from gateway.shared.place import RedisPlace

_OWN = Path(__file__).parents[1]
_DIGEST_BYTES = 16
_TTL_S = 30 * 60
_LONGEST_ENTRY = 2**18
_BUDGET_S = 0.05
_WAYS = 256


class SubKeys(Protocol):
    """A tenant's key: one key for each purpose, 32 bytes."""

    def sub_key(self, purpose: str) -> bytes: ...


class TenantKeys(Protocol):
    async def of(self, tenant: str) -> SubKeys:
        """Raises ProtectionUnavailable."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the texts of one tenant, read in one way, are called: all on one node of a cluster, for MGET to name several."""

    home: str
    start: hashlib.blake2b = field(repr=False)
    sealing: bytes = field(repr=False)

    def of(self, text: str) -> str:
        hashed = self.start.copy()
        hashed.update(text.encode("utf-8", "surrogatepass"))
        return f"{self.home}:{hashed.hexdigest()}"


class _Allowance:
    """Redis has other things to hold, and may have nothing that it could drop for them."""

    def __init__(self, max_bytes: int, monotonic: Callable[[], float]) -> None:
        self._max_bytes = max_bytes
        self._monotonic = monotonic
        self._since = monotonic()
        self._spent = 0

    def covers(self, size: int) -> bool:
        """Whether so many bytes more may be written; if so they count."""
        if self._monotonic() >= self._since + _TTL_S:
            self._since, self._spent = self._monotonic(), 0
        if size > _LONGEST_ENTRY or self._spent + size > self._max_bytes:
            return False
        self._spent += size
        return True


class SharedFindings:
    """Of texts from so many characters on: shorter ones cost too little to ask for (docs/adr/0040). A process writes no more
    than `max_bytes` in the time that an entry lives. `reader` names whoever finds the same. Trouble of any kind is a miss.
    """

    def __init__(
        self,
        place: RedisPlace,
        keys: TenantKeys,
        *,
        from_characters: int,
        max_bytes: int = 2**26,
        reader: bytes | None = None,
        budget_s: float = _BUDGET_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = Link(place, budget_s, "findings cache")
        self._prefix = f"{place.prefix}:findings"
        self._keys = keys
        self._from = from_characters
        self._allowance = _Allowance(max_bytes, monotonic)
        self._reader = reader or installed()
        self._way = lru_cache(maxsize=_WAYS)(_canonical)

    async def names(self, rules: DetectionRules, kept: Kept) -> Names | None:
        """None where there is no key to name and seal with."""
        try:
            key = await self._keys.of(rules.tenant)
        except ProtectionUnavailable:
            return None
        naming = key.sub_key("findings/name")
        home = hashlib.blake2b(b"home", key=naming, digest_size=_DIGEST_BYTES).hexdigest()
        start = hashlib.blake2b(self._reader + self._way(rules, kept), key=naming, digest_size=_DIGEST_BYTES)
        return Names(f"{self._prefix}:{{{home}}}", start, key.sub_key("findings/seal"))

    def worth_it(self, text: str) -> bool:
        return len(text) >= self._from

    async def known(self, names: Names, texts: Sequence[str]) -> dict[str, tuple[Finding, ...]]:
        """The findings in those of the texts that somebody read before."""
        asked, nobody = [names.of(text) for text in texts], list[bytes | None]()

        async def read(redis: Redis) -> list[bytes | None]:
            return [one if isinstance(one, bytes) else None for one in await redis.mget(asked)]

        sealed = await self._link.ask(read, nobody)
        opened = zip(texts, (_opened(names, name, one) for name, one in zip(asked, sealed, strict=False)), strict=False)
        return {text: findings for text, findings in opened if findings is not None}

    async def remember(self, names: Names, found: Mapping[str, tuple[Finding, ...]]) -> None:
        named = {names.of(text): findings for text, findings in found.items()}
        sealed = ((name, _sealed(names, name, findings)) for name, findings in named.items())
        packed = {name: entry for name, entry in sealed if self._allowance.covers(len(entry))}

        async def written(redis: Redis) -> None:
            async with redis.pipeline(transaction=False) as pipe:
                for name, entry in packed.items():
                    pipe.set(name, entry, px=_TTL_S * 1_000)
                await pipe.execute()

        if packed:
            await self._link.ask(written, None)

    async def close(self) -> None:
        await self._link.close()


@lru_cache(maxsize=1)
def installed(own: Path = _OWN) -> bytes:
    """A hash of the name and version of every installed package, with which recognizers, models and tables come, and of the
    files in our `own` folder: 7 MB, once in a process.
    """
    hashed = hashlib.blake2b("\n".join(sorted({f"{one.name}=={one.version}" for one in distributions()})).encode())
    for path in sorted(own.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            hashed.update(f"\n{path.relative_to(own)} ".encode() + hashlib.blake2b(path.read_bytes()).digest())
    return hashed.digest()[:_DIGEST_BYTES]


def _canonical(rules: DetectionRules, kept: Kept) -> bytes:
    """Equal for equal ones in every process; the order of a set is not."""
    return hashlib.blake2b(orjson.dumps([rules, kept], default=_in_order), digest_size=32).digest()


def _in_order(value: Any) -> list[Any]:
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError


def _sealed(names: Names, name: str, findings: tuple[Finding, ...]) -> bytes:
    written = [[one.start, one.end, one.entity, one.score, one.recognizer] for one in findings]
    return seal(names.sealing, orjson.dumps(written), name)


def _opened(names: Names, name: str, sealed: bytes | None) -> tuple[Finding, ...] | None:
    if sealed is None:
        return None
    try:
        return tuple(Finding(*one) for one in orjson.loads(unseal(names.sealing, sealed, name)))
    except (Unreadable, ValueError, TypeError):
        return None
