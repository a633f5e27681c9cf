"""Finds the call that feedback is about: one of the caller's own, or none. Blocking."""

from __future__ import annotations

from sqlalchemy import Connection, and_, select

from gateway.audit.event import ExchangeRecord
from gateway.audit.keeper import Part
from gateway.audit.log import Kind, Phase
from gateway.dp.feedback.given import Feedback
from gateway.errors import CallNotFound
from gateway.exchange import Principal
from gateway.store.database import Database
from gateway.store.tables.content import KEPT, SUBJECTS
from gateway.store.tables.ledger import ENTRIES

NEWEST = 10_000
"""Ended exchanges, of everybody, among which an answer's id is looked for: it has no index."""
_ENDED = and_(ENTRIES.c.kind == Kind.EXCHANGE.value, ENTRIES.c.phase == Phase.COMPLETED.value)


def own_call(database: Database, caller: Principal, feedback: Feedback) -> ExchangeRecord:
    """The newest of that name. Raises CallNotFound, in the same words for a call of somebody else as for none."""
    with database.reading() as connection:
        bodies = _by_call(connection, feedback.call_id) if feedback.call_id else _by_response(connection, feedback.response_id)
    for body in bodies:
        record = _read(body)
        if record is not None and _is_of(record, caller) and feedback.response_id in (None, record.usage.response_id):
            return record
    raise CallNotFound("There is no such call of yours that has ended.")


def tags_of(database: Database, call_id: str) -> frozenset[bytes] | None:
    """Whom a call is about, as keyed tags; None where its request is not kept, or was erased."""
    kept = select(KEPT.c.call_id).where(KEPT.c.call_id == call_id, KEPT.c.part == Part.REQUEST.value).limit(1)
    with database.reading() as connection:
        if connection.execute(kept).first() is None:
            return None
        tags = connection.execute(select(SUBJECTS.c.tag).where(SUBJECTS.c.call_id == call_id)).scalars()
        return frozenset(map(bytes, tags))


def _by_call(connection: Connection, call_id: str) -> list[str]:
    return list(connection.execute(select(ENTRIES.c.body).where(_ENDED, ENTRIES.c.call_id == call_id)).scalars())


def _by_response(connection: Connection, response_id: str | None) -> list[str]:
    newest = select(ENTRIES.c.seq, ENTRIES.c.body).where(_ENDED).order_by(ENTRIES.c.seq.desc()).limit(NEWEST).subquery()
    named = newest.c.body.contains(f'"response_id":"{response_id}"', autoescape=True)
    return list(connection.execute(select(newest.c.body).where(named).order_by(newest.c.seq.desc())).scalars())


def _is_of(record: ExchangeRecord, caller: Principal) -> bool:
    return (record.tenant, record.principal, record.shadow) == (caller.tenant, caller.id, None)


def _read(body: str) -> ExchangeRecord | None:
    try:
        return ExchangeRecord.from_json(body)
    except (ValueError, TypeError, KeyError):
        return None
