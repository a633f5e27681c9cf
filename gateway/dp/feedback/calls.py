"""Finds the call that feedback is about: one of the caller's own, or none. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, and_, select

from gateway.audit.event import ExchangeRecord
from gateway.audit.log import Kind, Phase
from gateway.dp.feedback.given import Feedback
from gateway.errors import CallNotFound
from gateway.exchange import Principal
from gateway.store.database import Database
from gateway.store.tables.ledger import ENTRIES

NEWEST = 10_000
"""Ended exchanges, of everybody, that are looked through where the index has not come to them yet."""
Answers = Callable[[str, str, str], tuple[Sequence[str], int]]
"""By the `id` in an answer, a tenant and a principal: calls that may be meant, newest first, and up to which entry of the log
they are all.
"""
_ENDED = and_(ENTRIES.c.kind == Kind.EXCHANGE.value, ENTRIES.c.phase == Phase.COMPLETED.value)


def own_call(database: Database, answers: Answers, caller: Principal, feedback: Feedback) -> ExchangeRecord:
    """The newest of that name. Raises CallNotFound, in the same words for a call of somebody else as for none."""
    for body in _bodies(database, answers, caller, feedback):
        record = ExchangeRecord.read(body)
        if record is not None and _is_of(record, caller) and feedback.response_id in (None, record.usage.response_id):
            return record
    raise CallNotFound("There is no such call of yours that has ended.")


def _bodies(database: Database, answers: Answers, caller: Principal, feedback: Feedback) -> Sequence[str]:
    """The newest first. An answer's id is looked for in the index, and among what ended since that was written."""
    if feedback.response_id is None:
        with database.reading() as connection:
            return _by_calls(connection, [feedback.call_id or ""])
    calls, read = answers(feedback.response_id, caller.tenant, caller.id)
    with database.reading() as connection:
        return [*_after(connection, read, feedback.response_id), *_by_calls(connection, calls)]


def _by_calls(connection: Connection, calls: Sequence[str]) -> Sequence[str]:
    query = select(ENTRIES.c.body).where(_ENDED, ENTRIES.c.call_id.in_(calls)).order_by(ENTRIES.c.seq.desc())
    return connection.execute(query).scalars().all()


def _after(connection: Connection, seq: int, response_id: str) -> Sequence[str]:
    ended = select(ENTRIES.c.seq, ENTRIES.c.body).where(_ENDED, ENTRIES.c.seq > seq)
    newest = ended.order_by(ENTRIES.c.seq.desc()).limit(NEWEST).subquery()
    named = newest.c.body.contains(f'"response_id":"{response_id}"', autoescape=True)
    return connection.execute(select(newest.c.body).where(named).order_by(newest.c.seq.desc())).scalars().all()


def _is_of(record: ExchangeRecord, caller: Principal) -> bool:
    return (record.tenant, record.principal, record.shadow) == (caller.tenant, caller.id, None)
