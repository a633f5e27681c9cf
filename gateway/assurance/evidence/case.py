"""All that the record says of one exchange: its entry, acts upon it, what is still kept, and whether its proof holds.

The proof is checked here, by the rules of the auditor's program: each entry against its leaf, each leaf against the root of the
newest checkpoint, and the checkpoint against the keys that the log knows. That these are the right keys is for the reader. What
is kept is compared with the digests in the entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, Text, column, func, select, table

from gateway.assurance.evidence.log_state import Signed, signed
from gateway.assurance.exchanges import record_of_call
from gateway.audit.act import Act, Action
from gateway.audit.event import ExchangeRecord
from gateway.audit.kept import altered
from gateway.audit.ledger import stored_nodes
from gateway.audit.merkle import inclusion_proof
from gateway.audit.rows import StoredLog, StoredRow, opened
from gateway.audit.signing import verify_signature
from gateway.audit.verify import NotVerified, checked_leaf, read_checkpoint, verify_inclusion
from gateway.exchange.explanation import retention_days
from gateway.moments import read, written
from gateway.printable import printable
from gateway.store.database import Database
from gateway.store.tables.content import KEPT

_ASKED = (Action.SUBJECT_ERASE, Action.TENANT_ERASE)
_ACTS = table("acts", column("seq"), *(column(name, Text) for name in ("at", "ended_at", "body")))
_MOST = 1_000
"""Acts that are looked at for one exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`leaves` are the places of its entries in the log, from 0. `waiting`: no checkpoint covers all of them yet."""

    leaves: tuple[int, ...]
    signed: Signed | None
    waiting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`acts` are upon this exchange, `erasures` those that may have erased what was kept of it; both oldest first."""

    record: ExchangeRecord
    acts: tuple[Act, ...]
    erasures: tuple[Act, ...]
    still_kept: frozenset[str]
    proof: Proof


def read_case(database: Database, call_id: str) -> Case | None:
    """None for an exchange that is not on the record.

    Raises AuditUnavailable, NotVerified where a proof does not hold, and ValueError for an act of another version.
    """
    with opened(database) as log:
        record = record_of_call(log.connection, call_id)
        if record is None:
            return None
        _require_as_recorded(log.connection, call_id)
        kept = log.connection.execute(select(KEPT.c.part).where(KEPT.c.call_id == call_id)).scalars()
        return Case(
            record=record,
            acts=_acts(log.connection, call_id),
            erasures=_erasures(log.connection, record),
            still_kept=frozenset(kept),
            proof=_proof(log, call_id),
        )


def _require_as_recorded(connection: Connection, call_id: str) -> None:
    """Raises NotVerified."""
    if parts := altered(connection, call_id):
        raise NotVerified(f"{printable(', '.join(parts))} of call {call_id}: what is kept is not what was recorded")


def _acts(connection: Connection, call_id: str) -> tuple[Act, ...]:
    named = _ACTS.c.body.contains(call_id, autoescape=True)
    return tuple(act for act in _read(connection, named) if act.target == call_id)


def _erasures(connection: Connection, record: ExchangeRecord) -> tuple[Act, ...]:
    """Of its tenant since it opened, and the first run of retention after its time was over."""
    asked = [act for action in _ASKED for act in _of(connection, action, record.opened_at) if act.tenant == record.tenant]
    due = _due(record)
    retired = [] if due is None else _of(connection, Action.RETENTION_RUN, due)[:1]
    return tuple(sorted([*asked, *retired], key=lambda act: (act.at, act.act_id)))


def _of(connection: Connection, action: Action, since: str) -> list[Act]:
    """Those that ended since then; of one that never ended, and may have done its work all the same, those that began since."""
    named = _ACTS.c.body.contains(f'"{action.value}"', autoescape=True)
    named &= func.coalesce(_ACTS.c.ended_at, _ACTS.c.at) >= since
    return [act for act in _read(connection, named) if act.action is action]


def _due(record: ExchangeRecord) -> str | None:
    """When its content was to be erased; None where policy named no end."""
    days = retention_days(record.decision.obligations) if record.decision else None
    return None if days is None else written(read(record.opened_at) + timedelta(days=days))


def _read(connection: Connection, named: ColumnElement[bool]) -> list[Act]:
    query = select(_ACTS.c.body).where(named).order_by(_ACTS.c.seq).limit(_MOST)
    return [Act.from_json(body) for body in connection.execute(query).scalars()]


def _proof(log: StoredLog, call_id: str) -> Proof:
    rows, newest = log.rows_of(call_id), signed(log)
    leaves = tuple(stored.row.index for stored in rows)
    waiting = newest is None or not leaves or leaves[-1] >= newest.size
    if not waiting:
        _require_proved(log, rows)
    return Proof(leaves=leaves, signed=newest, waiting=waiting)


def _require_proved(log: StoredLog, rows: Sequence[StoredRow]) -> None:
    """Raises NotVerified."""
    size, note = log.newest()
    checkpoint, node = read_checkpoint(note, "the newest checkpoint"), stored_nodes(log.connection)
    known = log.keys()
    if checkpoint.size != size or not any(checkpoint.signed_by(key, verify_signature) for key in known):
        raise NotVerified("the newest checkpoint is not signed by a key of this log")
    for stored in rows:
        index = stored.row.index
        leaf = checked_leaf(stored.row, index)
        if not verify_inclusion(index, size, leaf, checkpoint.root, list(inclusion_proof(index, size, node))):
            raise NotVerified(f"{stored.row.name}: the entry is not under the newest checkpoint")
