"""Remembers what was found in a text, so that a chat that sends its history again pays only for what is new.

No text is kept: a text is known by its BLAKE2b hash (RFC 7693) under a random key that never leaves the process. Every
tenant's rules have a key of their own, so one tenant's texts say nothing about another's, not even by the time an answer takes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.detection.detect import Detector
from gateway.detection.kept import Kept
from gateway.detection.service.shared_findings import SharedFindings
from gateway.exchange import Finding
from gateway.rules.detection import DetectionRules

Findings: TypeAlias = tuple[Finding, ...]

_BYTES_PER_TEXT = 300
_BYTES_PER_FINDING = 200
"""What CPython needs for an entry and for each of its findings, rounded up."""

_WAYS = 16
"""Rules of one tenant that are remembered at a time; a policy that changes brings new ones."""

_TENANTS = 1_000


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """Since the start: texts that were known and that were not. Now: bytes in use, as estimated, texts and tenants."""

    hits: int
    misses: int
    bytes: int
    texts: int
    tenants: int


@dataclass(slots=True)
class _Shelf:
    """What is remembered for one tenant, least recently used first; `held` counts bytes."""

    entries: OrderedDict[bytes, Findings] = field(default_factory=OrderedDict, repr=False)
    hashes: OrderedDict[Hashable, hashlib.blake2b] = field(default_factory=OrderedDict, repr=False)
    held: int = 0

    def hash_for(self, way: Hashable) -> hashlib.blake2b:
        """The keyed hash of this way to read a text."""
        known = self.hashes.get(way)
        if known is None:
            known = self.hashes[way] = hashlib.blake2b(key=secrets.token_bytes(32), digest_size=16)
            if len(self.hashes) > _WAYS:
                self.hashes.popitem(last=False)
        self.hashes.move_to_end(way)
        return known

    def put(self, key: bytes, findings: Findings) -> int:
        """Returns by how many bytes the shelf grew."""
        grown = _size(findings) - (_size(self.entries.pop(key)) if key in self.entries else 0)
        self.entries[key] = findings
        self.held += grown
        return grown

    def drop_oldest(self) -> int:
        """Returns the bytes that this freed."""
        freed = _size(self.entries.popitem(last=False)[1])
        self.held -= freed
        return freed


class FindingsCache:
    """Findings by key, a shelf for each tenant, within `max_bytes` in all.

    Where there is too much, the tenant with more than its share (`max_bytes` by the number of tenants) loses its least
    recently used: a tenant within its share never loses anything to another's flood. Of more than a thousand tenants those
    that asked last are remembered.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._shelves: OrderedDict[str, _Shelf] = OrderedDict()
        self._bytes = self._hits = self._misses = 0

    @property
    def statistics(self) -> CacheStatistics:
        texts = sum(len(shelf.entries) for shelf in self._shelves.values())
        return CacheStatistics(self._hits, self._misses, self._bytes, texts, len(self._shelves))

    def keys(self, texts: Iterable[str], rules: DetectionRules, kept: Kept) -> list[bytes]:
        """A key for each text, equal only for the same text under equal rules of the same tenant."""
        start = self._shelf(rules.tenant).hash_for((rules, kept))
        return [_digest(start, text) for text in texts]

    def known(self, tenant: str, keys: Iterable[bytes]) -> dict[bytes, Findings]:
        """The findings of those keys that are remembered."""
        entries = self._shelf(tenant).entries
        found: dict[bytes, Findings] = {}
        for key in keys:
            findings = entries.get(key)
            if findings is None:
                self._misses += 1
                continue
            entries.move_to_end(key)
            found[key] = findings
            self._hits += 1
        return found

    def remember(self, tenant: str, found: Mapping[bytes, Findings]) -> None:
        shelf = self._shelf(tenant)
        for key, findings in found.items():
            self._bytes += shelf.put(key, findings)
            while self._bytes > self._max_bytes:
                self._bytes -= self._over_its_share(shelf).drop_oldest()

    def _shelf(self, tenant: str) -> _Shelf:
        shelf = self._shelves.get(tenant)
        if shelf is None:
            shelf = self._shelves[tenant] = _Shelf()
            if len(self._shelves) > _TENANTS:
                self._bytes -= self._shelves.popitem(last=False)[1].held
        self._shelves.move_to_end(tenant)
        return shelf

    def _over_its_share(self, asking: _Shelf) -> _Shelf:
        if asking.held * len(self._shelves) > self._max_bytes:
            return asking
        return max(self._shelves.values(), key=lambda shelf: shelf.held)


class RememberingDetector:
    """A `Detector` that asks `inner` only for texts it does not remember, each once. Used from one event loop.

    Failures are not remembered. Nothing is remembered for callers without a tenant, who would share it, nor where the types
    that are kept are not known by value. `shared` is what other processes remember.
    """

    def __init__(self, inner: Detector, *, max_bytes: int, shared: SharedFindings | None = None) -> None:
        self._inner = inner
        self._cache = FindingsCache(max_bytes)
        self._shared = shared

    @property
    def statistics(self) -> CacheStatistics:
        return self._cache.statistics

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = Kept()
    ) -> list[Findings]:
        """As `inner` would; raises what it raises."""
        if not rules.tenant or not isinstance(kept, Kept):
            return await self._inner.detect(texts, rules=rules, kept=kept)
        keys = self._cache.keys(texts, rules, kept)
        found = self._cache.known(rules.tenant, keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            answers = await self._asked(list(missing.values()), rules, kept)
            fresh = dict(zip(missing, answers, strict=True))
            self._cache.remember(rules.tenant, fresh)
            found |= fresh
        return [found[key] for key in keys]

    async def _asked(self, texts: Sequence[str], rules: DetectionRules, kept: Kept) -> Sequence[Findings]:
        """Of other processes what is long, and of `inner` the rest."""
        long = [text for text in texts if self._shared is not None and self._shared.worth_it(text)]
        names = await self._shared.names(rules, kept) if self._shared is not None and long else None
        if self._shared is None or names is None:
            return await self._inner.detect(texts, rules=rules, kept=kept)
        found = await self._shared.known(names, long)
        unread = [text for text in texts if text not in found]
        answers = await self._inner.detect(unread, rules=rules, kept=kept) if unread else []
        fresh = dict(zip(unread, answers, strict=True))
        if told := {text: findings for text, findings in fresh.items() if self._shared.worth_it(text)}:
            await self._shared.remember(names, told)
        return [found[text] if text in found else fresh[text] for text in texts]


def _digest(start: hashlib.blake2b, text: str) -> bytes:
    hashed = start.copy()
    hashed.update(text.encode("utf-8", "surrogatepass"))
    return hashed.digest()


def _size(findings: Findings) -> int:
    return _BYTES_PER_TEXT + _BYTES_PER_FINDING * len(findings)
