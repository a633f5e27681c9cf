"""An exchange is one row, whatever of it was entered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.log import Phase, entry_of
from gateway.audit.reader import read_exchanges
from gateway.errors import AuditUnavailable
from gateway.protocol.wire import Surface
from gateway.store import Database, open_existing
from tests.audit.logs import Log, spoil
from tests.store.databases import sqlite_url


@pytest.fixture
async def log(database: Database) -> AsyncIterator[DatabaseAuditLog]:
    opened = DatabaseAuditLog(database)
    yield opened
    await opened.close()


def record(call_id: str, outcome: Outcome, tenant: str = "acme") -> ExchangeRecord:
    return ExchangeRecord(
        call_id=call_id,
        surface=Surface.CHAT,
        opened_at="2026-01-02T03:04:05.678Z",
        outcome=outcome,
        tenant=tenant,
        status=None if outcome is Outcome.INCOMPLETE else 200,
    )


async def enter(log: DatabaseAuditLog, call_id: str, *outcomes: Outcome, tenant: str = "acme") -> None:
    for outcome in outcomes:
        phase = Phase.OPENED if outcome is Outcome.INCOMPLETE else Phase.COMPLETED
        await log.append(entry_of(record(call_id, outcome, tenant), phase))


async def test_one_row_for_each_exchange_newest_first(log: DatabaseAuditLog, database: Database) -> None:
    await enter(log, "whole", Outcome.INCOMPLETE)
    await enter(log, "denied", Outcome.DENIED)
    await enter(log, "crashed", Outcome.INCOMPLETE)
    await enter(log, "whole", Outcome.COMPLETED)
    rows = read_exchanges(database, limit=10)
    assert [(row.record.call_id, row.record.outcome, row.completed_at is None) for row in rows] == [
        ("crashed", Outcome.INCOMPLETE, True),
        ("denied", Outcome.DENIED, False),
        ("whole", Outcome.COMPLETED, False),
    ]
    assert rows[2].record == record("whole", Outcome.COMPLETED)


async def test_an_auditors_own_query_finds_columns(log: DatabaseAuditLog, database: Database) -> None:
    await enter(log, "whole", Outcome.INCOMPLETE, Outcome.COMPLETED)
    with database.reading() as connection:
        (row,) = connection.exec_driver_sql("SELECT call_id, opened_at, tenant, model, outcome, status FROM exchanges")
    assert (*row[:5], int(row[5])) == ("whole", "2026-01-02T03:04:05.678Z", "acme", None, "completed", 200)


async def test_paging_and_filters(log: DatabaseAuditLog, database: Database) -> None:
    for n in range(5):
        await enter(log, f"{n}", Outcome.INCOMPLETE, Outcome.COMPLETED, tenant="acme" if n % 2 else "other")
    first = read_exchanges(database, limit=2)
    second = read_exchanges(database, limit=2, before=first[-1].seq)
    assert [row.record.call_id for row in (*first, *second)] == ["4", "3", "2", "1"]
    assert [row.record.call_id for row in read_exchanges(database, limit=9, tenant="acme")] == ["3", "1"]
    assert [row.record.call_id for row in read_exchanges(database, limit=9, call_id="2")] == ["2"]


def test_reading_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(AuditUnavailable):
        open_existing(sqlite_url(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []


async def test_an_entry_whose_content_was_erased_is_in_the_views_without_it(log: DatabaseAuditLog, database: Database) -> None:
    await enter(log, "whole", Outcome.INCOMPLETE, Outcome.COMPLETED)
    spoil(Log(database, Path()), "UPDATE entries SET body = ''")
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT call_id, tenant, body FROM exchanges").all() == [("whole", None, "")]
