"""Opens what was kept of an exchange, for those who may see it, and says whom it is about. Who may is decided elsewhere.

Whoever has the keys could put other content in its place, sealed as well as the first. So nothing is opened but what the record
has the digest of, and the record is signed. Whoever has the database alone could write that a call is another tenant's: so
nothing is opened but under that tenant's key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, select

from gateway.audit.event import hits
from gateway.audit.keeper import Part, context_of
from gateway.audit.known import known
from gateway.errors import KeyDestroyed, Unreadable
from gateway.exchange.content import Content, Mark
from gateway.keys.data_key import DataKey
from gateway.obligations import OperatorKind
from gateway.printable import printable
from gateway.store.database import Database
from gateway.store.tables.content import KEPT, SUBJECTS
from gateway.store.tables.ledger import ENTRIES

_NOTED = re.compile(r"with .+, sealed: ([0-9a-f]{64})")


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


def noted_with(what: str, digests: Mapping[str, str]) -> str:
    """For an act that brings sealed content along: its digest has no other place there."""
    return f"with {what}, sealed: {digests[f'{Part.REQUEST}/0']}"


def altered(connection: Connection, call_id: str) -> tuple[str, ...]:
    """The parts that are kept of a call (`part/nr`) and are not those that were recorded. Opens nothing."""
    kept = select(KEPT.c.part, KEPT.c.nr, KEPT.c.sealed).where(KEPT.c.call_id == call_id).order_by(KEPT.c.part, KEPT.c.nr)
    parts = [(f"{part}/{number}", sha256(sealed).hexdigest()) for part, number, sealed in connection.execute(kept)]
    recorded = _recorded(connection, call_id)  # after the parts: what came with them is there by then
    return tuple(part for part, digest in parts if recorded.get(part) != digest)


def read_content(connection: Connection, keyring: DataKeys, call_id: str, tenant: str, *, originals: bool = False) -> Content:
    """What is kept of a call of this tenant's. What was never kept, or was erased, is not in it.

    Raises Unreadable for a part that was changed or moved, is not the one that was recorded, is another tenant's, whatever the
    database says of the call, or has a word that this version does not know; and ProtectionUnavailable where the keys cannot
    be had.
    """
    try:
        return _content(list(_opened(connection, keyring, call_id, tenant, originals=originals)))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Unreadable(f"What is kept of {printable(call_id)} is of another version.") from None


def _content(opened: Sequence[tuple[Part, bytes]]) -> Content:
    parts = dict(opened)
    return Content(
        request=orjson.loads(parts[Part.REQUEST]) if Part.REQUEST in parts else None,
        reply=parts[Part.REPLY].decode() if Part.REPLY in parts else None,
        marks=tuple(map(_mark, orjson.loads(parts[Part.MARKS]))) if Part.MARKS in parts else (),
        passages=hits(orjson.loads(parts[Part.PASSAGES])) if Part.PASSAGES in parts else (),
        originals=dict(orjson.loads(plain) for part, plain in opened if part is Part.ORIGINAL),
    )


def _opened(
    connection: Connection, keyring: DataKeys, call_id: str, tenant: str, *, originals: bool
) -> Iterator[tuple[Part, bytes]]:
    query = select(KEPT.c.part, KEPT.c.nr, KEPT.c.key_id, KEPT.c.sealed).where(KEPT.c.call_id == call_id)
    if not originals:
        query = query.where(KEPT.c.part != Part.ORIGINAL.value)
    rows = connection.execute(query.order_by(KEPT.c.part, KEPT.c.nr)).all()
    recorded = _recorded(connection, call_id) if rows else {}
    for part, number, key_id, sealed in rows:
        try:
            key = keyring.data_key(key_id)
        except KeyDestroyed:
            continue
        if key.tenant != tenant or recorded.get(f"{part}/{number}") != sha256(sealed).hexdigest():
            raise Unreadable(f"What is kept of {printable(call_id)} is not what was recorded: it was put in its place.")
        yield Part(part), key.unseal(sealed, context_of(call_id, Part(part), number))


def _recorded(connection: Connection, call_id: str) -> Mapping[str, str]:
    """The digests that the record has, by `part/nr`: of a call at its opening or its end, of an act in what it notes."""
    query = select(ENTRIES.c.body).where(ENTRIES.c.call_id == call_id).order_by(ENTRIES.c.seq)
    found: dict[str, str] = {}
    for body in connection.execute(query).scalars():
        said = _object(body)
        content, note = said.get("content"), said.get("note")
        found |= content if isinstance(content, dict) else {}
        if isinstance(note, str) and (noted := _NOTED.fullmatch(note)):
            found[f"{Part.REQUEST}/0"] = noted[1]
    return found


def _object(body: str) -> Mapping[str, Any]:
    """Nothing of an entry that somebody spoiled."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    return said if isinstance(said, dict) else {}


def _mark(fields: dict[str, Any]) -> Mark:
    return Mark(**known(fields, Mark) | {"operator": OperatorKind(fields["operator"])})
