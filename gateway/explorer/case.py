"""What the log holds of one exchange: its entries as they are stored, their leaves, and the proof that they are in the tree.

Nothing that is read is trusted: somebody may have edited the database, and the page that would show it must still be shown.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, desc, select

from gateway.audit.event import ExchangeRecord
from gateway.audit.ledger import stored_nodes
from gateway.audit.merkle import inclusion_proof
from gateway.audit.verify import Checkpoint, NotVerified, read_checkpoint, read_key
from gateway.store.tables.ledger import CHECKPOINTS, ENTRIES, LEAVES, VERIFIER_KEYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One entry with its leaf. `body` is empty, and `salt` None, where the content was erased; `index` None without a leaf."""

    seq: int
    phase: str
    at: str
    call_id: str
    kind: str
    body: str = field(repr=False)
    index: int | None
    salt: bytes | None = field(repr=False)
    commitment: bytes | None

    @property
    def erased(self) -> bool:
        return self.salt is None and not self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`record` is None for what this version cannot read; `signed` is the size of the newest checkpoint, 0 without one."""

    entries: tuple[Logged, ...]
    record: ExchangeRecord | None
    signed: int

    @property
    def call_id(self) -> str:
        return self.entries[0].call_id

    @property
    def tenant(self) -> str | None:
        return self.record.tenant if self.record else None

    @property
    def proved(self) -> bool:
        """Whether every entry lies under a signed checkpoint. That it is what was signed is for the reader to check."""
        return all(entry.index is not None and entry.index < self.signed for entry in self.entries)


def read_case(connection: Connection, call_id: str) -> Case | None:
    """None where the log has no exchange of this id."""
    rows = connection.execute(
        select(ENTRIES, LEAVES.c.idx, LEAVES.c.salt, LEAVES.c.commitment)
        .outerjoin(LEAVES, LEAVES.c.seq == ENTRIES.c.seq)
        .where(ENTRIES.c.call_id == call_id, ENTRIES.c.kind == "exchange")
        .order_by(ENTRIES.c.seq)
    ).all()
    if not rows:
        return None
    entries = tuple(map(_logged, rows))
    newest = _newest(connection)
    return Case(entries=entries, record=_record(entries), signed=0 if newest is None else newest[0])


def read_proof(connection: Connection, case: Case) -> Mapping[str, Any] | None:
    """What a reader needs to check the entries, beside their bodies, which the page shows; None where nothing is proved yet.

    Binary values are in base64.
    """
    newest = _newest(connection)
    if newest is None or not case.proved:
        return None
    size, note = newest
    node = stored_nodes(connection)
    try:
        paths = [inclusion_proof(entry.index or 0, size, node) for entry in case.entries]
    except LookupError:
        return None
    key = _signer(connection, note)
    return {
        "size": size,
        "note": note,
        "vkey": key,
        "entries": [_leaf(entry, path) for entry, path in zip(case.entries, paths, strict=True)],
    }


def _logged(row: Row[Any]) -> Logged:
    found = row._mapping
    return Logged(
        seq=found["seq"],
        phase=found["phase"],
        at=found["at"],
        call_id=found["call_id"],
        kind=found["kind"],
        body=found["body"],
        index=found["idx"],
        salt=found["salt"],
        commitment=found["commitment"],
    )


def _record(entries: Sequence[Logged]) -> ExchangeRecord | None:
    """As its last entry tells it; as an earlier one does where that cannot be read."""
    records = (ExchangeRecord.read(entry.body) for entry in reversed(entries))
    return next((record for record in records if record is not None), None)


def _newest(connection: Connection) -> tuple[int, str] | None:
    row = connection.execute(select(CHECKPOINTS.c.size, CHECKPOINTS.c.note).order_by(desc(CHECKPOINTS.c.size)).limit(1)).first()
    return None if row is None else (int(row.size), str(row.note))


def _signer(connection: Connection, note: str) -> str | None:
    """The verifier key that signed it, as the log knows it."""
    known = connection.execute(select(VERIFIER_KEYS.c.vkey).order_by(desc(VERIFIER_KEYS.c.at))).scalars()
    try:
        signatures = {(name, key_id) for name, key_id, _ in _checkpoint(note).signatures}
        return next((vkey for vkey in known if _named(vkey) in signatures), None)
    except NotVerified:
        return None


def _checkpoint(note: str) -> Checkpoint:
    return read_checkpoint(note, "the newest checkpoint")


def _named(vkey: str) -> tuple[str, bytes]:
    key = read_key(vkey)
    return key.name, key.id


def _leaf(entry: Logged, path: Sequence[bytes]) -> Mapping[str, Any]:
    return {
        "index": entry.index,
        "seq": entry.seq,
        "kind": entry.kind,
        "phase": entry.phase,
        "at": entry.at,
        "call_id": entry.call_id,
        "salt": None if entry.salt is None else _text(entry.salt),
        "commitment": None if entry.commitment is None else _text(entry.commitment),
        "path": [_text(one) for one in path],
    }


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
