"""Seals what is kept of an exchange: its content under one data key, each subject's values under a key of their own.

So to erase one is to destroy one key (docs/adr/0026). Nothing is compressed before it is sealed: how long a sealed part is
shows to whoever reads the database, and a request mixes what a caller chose with what others wrote, the company's own words
among it. Compressed together, its length would tell how far a guess agrees with them (CRIME, CVE-2012-4929; RFC 3749, 6).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

import orjson

from gateway.audit.log import Row
from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import AuditUnavailable, ProtectionUnavailable, TenantKeyUnusable
from gateway.exchange.content import Content
from gateway.keys.data_key import DataKey, TenantKey
from gateway.moments import written
from gateway.store.tables.content import DATA_KEYS, KEPT, SUBJECTS

_LARGE = 200_000
"""Bytes from which on content is sealed beside the event loop."""
_VALUE = 500
"""Bytes that a value counts for: a tag takes about as long as sealing so many."""
_ORIGINAL = 10_000
"""The same for an original, which takes a key of its own."""


class Part(StrEnum):
    """A kind of sealed row in KEPT."""

    REQUEST = "request"
    REPLY = "reply"
    MARKS = "marks"
    PASSAGES = "passages"
    ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Sealed:
    """Rows to be written beside an entry, and a SHA-256 (hex) of each sealed part by `part/nr`, for the record."""

    rows: tuple[Row, ...] = field(default=(), repr=False)
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Opens a case for each exchange of which content is kept."""

    keys: TenantKeys

    def case(self, call_id: str, tenant: str, retention_days: int | None = None, *, no_longer_than: str | None = None) -> Case:
        """`no_longer_than` is when something else goes that this hangs on: ISO 8601 in UTC."""
        return Case(self.keys, call_id, tenant, retention_days, no_longer_than)


class Case:
    """What is kept of one exchange. It may come in pieces, of which all but the originals go under the same key."""

    def __init__(
        self, keys: TenantKeys, call_id: str, tenant: str, retention_days: int | None, no_longer_than: str | None
    ) -> None:
        now = datetime.now(UTC)
        self._keys = keys
        self._call_id = call_id
        self._tenant = tenant
        self._at = written(now)
        own = None if retention_days is None else written(now + timedelta(days=retention_days))
        self._expires_at = min((end for end in (own, no_longer_than) if end is not None), default=None)
        self._key: DataKey | None = None
        self._subjects: dict[bytes, DataKey | None] = {}
        self._numbers: Counter[Part] = Counter()

    async def seal(self, content: Content) -> Sealed:
        """Raises AuditUnavailable, or TenantKeyUnusable; then nothing of it may be kept."""
        try:
            owner = await self._keys.of(self._tenant)
            plain = _plain(content)
            if _work(plain, content) < _LARGE:
                return self._sealed(owner, plain, content)
            return await asyncio.to_thread(self._sealed, owner, plain, content)
        except (orjson.JSONEncodeError, UnicodeEncodeError):
            raise AuditUnavailable("The redacted content cannot be recorded.") from None
        except TenantKeyUnusable:
            raise  # the record is well, and no waiting helps
        except ProtectionUnavailable:
            raise AuditUnavailable("The content that policy keeps cannot be sealed.") from None

    def _sealed(self, owner: TenantKey, plain: Mapping[Part, bytes], content: Content) -> Sealed:
        rows = (*self._parts(owner, plain), *self._known(owner, content))
        return Sealed(rows, dict(_digest(row) for table, row in rows if table is KEPT))

    def _parts(self, owner: TenantKey, plain: Mapping[Part, bytes]) -> Iterator[Row]:
        if plain and self._key is None:
            self._key = owner.new_data_key()
            yield DATA_KEYS, self._key.row(self._at)
        for part, text in plain.items():
            if self._key is not None:
                yield self._kept(self._key, part, text)

    def _known(self, owner: TenantKey, content: Content) -> Iterator[Row]:
        """Whom it is about. Spellings that count as one value have one tag, and so one key."""
        originals: dict[bytes, list[tuple[str, str]]] = {}
        for stand_in, value in content.originals.items():
            originals.setdefault(owner.tag(value), []).append((stand_in, value))
        for tag in {*content.tags, *map(owner.tag, content.values), *originals}:
            if tag not in self._subjects:
                self._subjects[tag] = owner.new_data_key() if tag in originals else None
                yield from self._subject(tag, self._subjects[tag])
            if key := self._subjects[tag]:
                yield from (self._kept(key, Part.ORIGINAL, orjson.dumps(pair)) for pair in originals.get(tag, ()))

    def _subject(self, tag: bytes, key: DataKey | None) -> Iterator[Row]:
        if key is not None:
            yield DATA_KEYS, key.row(self._at)
        whose = {"tenant": self._tenant, "tag": tag, "call_id": self._call_id}
        yield SUBJECTS, {**whose, "key_id": key.id if key else ""}

    def _kept(self, key: DataKey, part: Part, plain: bytes) -> Row:
        number = self._numbers[part]
        self._numbers[part] += 1
        return KEPT, {
            "call_id": self._call_id,
            "part": part.value,
            "nr": number,
            "tenant": self._tenant,
            "key_id": key.id,
            "sealed": key.seal(plain, context_of(self._call_id, part, number)),
            "at": self._at,
            "expires_at": self._expires_at,
        }


def context_of(call_id: str, part: Part, number: int) -> str:
    """What a sealed part is bound to: in another place it does not open."""
    return f"{call_id}/{part}/{number}"


def _digest(row: Mapping[str, Any]) -> tuple[str, str]:
    return f"{row['part']}/{row['nr']}", sha256(row["sealed"]).hexdigest()


def _plain(content: Content) -> dict[Part, bytes]:
    plain: dict[Part, bytes] = {}
    if content.request is not None:
        plain[Part.REQUEST] = orjson.dumps(content.request)
    if content.reply is not None:
        plain[Part.REPLY] = content.reply.encode()
    if content.marks:
        plain[Part.MARKS] = orjson.dumps(content.marks)
    if content.passages:
        plain[Part.PASSAGES] = orjson.dumps(content.passages)
    return plain


def _work(plain: Mapping[Part, bytes], content: Content) -> int:
    """How long sealing takes, in bytes."""
    return sum(map(len, plain.values())) + _VALUE * len(content.values) + _ORIGINAL * len(content.originals)
