"""Exchanges as the log tells of them, for those in which a person occurs."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from gateway.audit.event import ExchangeRecord
from gateway.audit.log import Kind
from gateway.store.tables.ledger import ENTRIES


def record_of_call(connection: Connection, call_id: str) -> ExchangeRecord | None:
    """Its last entry, if there is one that this version can read."""
    return records_of_calls(connection, [call_id]).get(call_id)


def records_of_calls(connection: Connection, call_ids: Collection[str]) -> dict[str, ExchangeRecord]:
    """By call, in the order of the log; what this version cannot read is left out."""
    of_calls = select(ENTRIES.c.call_id, ENTRIES.c.body).where(
        ENTRIES.c.call_id.in_(call_ids), ENTRIES.c.kind == Kind.EXCHANGE.value
    )
    found: dict[str, ExchangeRecord] = {}
    for call_id, body in connection.execute(of_calls.order_by(ENTRIES.c.seq)):
        record = ExchangeRecord.read(body)
        if record is not None:
            found[call_id] = record
    return found
