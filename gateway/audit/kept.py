"""Opens what was kept of an exchange, for those who may see it, and says whom it is about. Who may is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, select

from gateway.audit.event import hits
from gateway.audit.keeper import Part, context_of
from gateway.content import Content, Mark
from gateway.errors import KeyDestroyed
from gateway.keys.data_key import DataKey
from gateway.obligations import OperatorKind
from gateway.store.database import Database
from gateway.store.tables.content import KEPT, SUBJECTS


class DataKeys(Protocol):
    """Where data keys are had: a `Keyring`."""

    def data_key(self, key_id: str) -> DataKey:
        """Raises KeyDestroyed for what was erased, and ProtectionUnavailable."""


@dataclass(frozen=True, slots=True)
class About:
    """Whom a call is about, as keyed tags; its content goes at `expires_at` (ISO 8601 in UTC, None for never)."""

    tags: frozenset[bytes]
    expires_at: str | None


def about(database: Database, call_id: str) -> About | None:
    """None where the call's request is not kept, or was erased. Raises AuditUnavailable."""
    request = (KEPT.c.call_id == call_id, KEPT.c.part == Part.REQUEST.value)
    with database.reading() as connection:
        kept = connection.execute(select(KEPT.c.expires_at).where(*request).limit(1)).first()
        if kept is None:
            return None
        tags = connection.execute(select(SUBJECTS.c.tag).where(SUBJECTS.c.call_id == call_id)).scalars()
        return About(frozenset(map(bytes, tags)), kept.expires_at)


def read_content(connection: Connection, keyring: DataKeys, call_id: str, *, originals: bool = False) -> Content:
    """What is kept of a call. What was never kept, or was erased, is not in it.

    Raises Unreadable for a part that was changed or moved, and ProtectionUnavailable where the keys cannot be had.
    """
    opened = list(_opened(connection, keyring, call_id, originals=originals))
    parts = dict(opened)
    return Content(
        request=orjson.loads(parts[Part.REQUEST]) if Part.REQUEST in parts else None,
        reply=parts[Part.REPLY].decode() if Part.REPLY in parts else None,
        marks=tuple(map(_mark, orjson.loads(parts[Part.MARKS]))) if Part.MARKS in parts else (),
        passages=hits(orjson.loads(parts[Part.PASSAGES])) if Part.PASSAGES in parts else (),
        originals=dict(orjson.loads(plain) for part, plain in opened if part is Part.ORIGINAL),
    )


def _opened(connection: Connection, keyring: DataKeys, call_id: str, *, originals: bool) -> Iterator[tuple[Part, bytes]]:
    query = select(KEPT.c.part, KEPT.c.nr, KEPT.c.key_id, KEPT.c.sealed).where(KEPT.c.call_id == call_id)
    if not originals:
        query = query.where(KEPT.c.part != Part.ORIGINAL.value)
    for part, number, key_id, sealed in connection.execute(query.order_by(KEPT.c.part, KEPT.c.nr)):
        try:
            key = keyring.data_key(key_id)
        except KeyDestroyed:
            continue
        yield Part(part), key.unseal(sealed, context_of(call_id, Part(part), number))


def _mark(fields: dict[str, Any]) -> Mark:
    return Mark(**fields | {"operator": OperatorKind(fields["operator"])})
