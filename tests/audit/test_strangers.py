"""A flood of callers whom nobody knows: bounded on the record, counted to the last, and never at the cost of who is known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.audit.act import Action, ActOutcome, entry_of_act, new_act
from gateway.audit.act_reader import read_acts
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.event import ExchangeRecord, Outcome, Timings
from gateway.audit.log import Entry, Phase, entry_of
from gateway.audit.reader import read_exchanges
from gateway.audit.strangers import ACTOR, BoundedLog
from gateway.errors import AuditUnavailable
from gateway.protocol.wire import Surface
from gateway.store import Database
from gateway.store.tables.ledger import ENTRIES
from tests.store.databases import sqlite_at
from tests.support.clock import Clock

OPENED_AT = "2026-01-02T03:04:05.678Z"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def record(tmp_path: Path) -> Database:
    return sqlite_at(tmp_path / "audit.sqlite")


@pytest.fixture
async def log(record: Database, clock: Clock) -> AsyncIterator[BoundedLog]:
    opened = BoundedLog(DatabaseAuditLog(record), burst=3, per_s=1.0, span_s=600.0, clock=clock)
    yield opened
    await opened.close()


def refused(call_id: str, principal: str | None = None) -> Entry:
    tenant = None if principal is None else "bank"
    outcome = Outcome.DENIED
    told = ExchangeRecord(
        call_id=call_id, surface=Surface.CHAT, opened_at=OPENED_AT, outcome=outcome, tenant=tenant, principal=principal
    )
    return entry_of(told, Phase.COMPLETED)


def knocked(action: Action) -> Entry:
    return entry_of_act(new_act(action).ended(ActOutcome.DENIED, error_code="invalid_api_key"))


def calls(record: Database) -> set[str]:
    return {row.record.call_id for row in read_exchanges(record, limit=1_000)}


async def test_what_is_beyond_the_bound_is_counted_into_one_act(log: BoundedLog, record: Database) -> None:
    for nr in range(50):
        await log.append(refused(f"call-{nr}"))
    for _ in range(4):
        await log.append(knocked(Action.MODELS_LIST))
    assert calls(record) == {"call-0", "call-1", "call-2"}
    (intended,) = (row.act for row in read_acts(record, limit=9))
    assert (intended.action, intended.outcome, intended.actor) == (Action.STRANGERS_COUNT, ActOutcome.INTENDED, ACTOR)
    assert log.counted == 51
    await log.close()
    (ended,) = (row.act for row in read_acts(record, limit=9))
    assert (ended.outcome, ended.result, ended.act_id) == (ActOutcome.DONE, "51", intended.act_id)
    assert ended.note is not None
    assert ended.note.endswith("47 chat/completions, 4 models.list")


async def test_who_is_known_is_always_entered(log: BoundedLog, record: Database) -> None:
    for nr in range(20):
        await log.append(refused(f"stranger-{nr}"))
        await log.append(refused(f"known-{nr}", principal="anna"))
    assert {f"known-{nr}" for nr in range(20)} <= calls(record)
    assert len(calls(record)) == 23


async def test_the_end_of_an_exchange_that_was_opened_is_always_entered(log: BoundedLog, record: Database) -> None:
    told = ExchangeRecord(call_id="a", surface=Surface.CHAT, opened_at=OPENED_AT, outcome=Outcome.ABORTED)
    opened = ExchangeRecord(
        call_id="b", surface=Surface.CHAT, opened_at=OPENED_AT, outcome=Outcome.ABORTED, timings_ms=Timings(committed=1.0)
    )
    for nr in range(3):
        await log.append(refused(f"call-{nr}"))
    await log.append(entry_of(told, Phase.OPENED))
    await log.append(entry_of(opened, Phase.COMPLETED))
    assert {"a", "b"} <= calls(record)
    assert log.counted == 0


async def test_time_gives_entries_back(log: BoundedLog, record: Database, clock: Clock) -> None:
    for nr in range(10):
        await log.append(refused(f"early-{nr}"))
    clock.now += 2.0
    for nr in range(10):
        await log.append(refused(f"late-{nr}"))
    assert calls(record) == {"early-0", "early-1", "early-2", "late-0", "late-1"}
    assert log.counted == 15


async def test_a_count_ends_by_itself(record: Database) -> None:
    log = BoundedLog(DatabaseAuditLog(record), burst=0, span_s=0.01)
    await log.append(refused("a"))
    async with asyncio.timeout(20):
        while read_acts(record, limit=1)[0].act.outcome is not ActOutcome.DONE:
            await asyncio.sleep(0.01)
    await log.append(refused("b"))
    await log.close()
    assert [row.act.result for row in read_acts(record, limit=9)] == ["1", "1"]


async def test_many_at_once_open_one_act(log: BoundedLog, record: Database) -> None:
    await asyncio.gather(*(log.append(refused(f"call-{nr}")) for nr in range(200)))
    await log.close()
    (ended,) = (row.act for row in read_acts(record, limit=9))
    assert ended.result == "197"


async def test_who_hung_up_counts_too(log: BoundedLog, record: Database) -> None:
    for nr in range(5):
        log.append_soon(refused(f"call-{nr}"))
    await log.close()
    assert calls(record) == {"call-0", "call-1", "call-2"}
    (ended,) = (row.act for row in read_acts(record, limit=9))
    assert (ended.outcome, ended.result) == (ActOutcome.DONE, "2")


async def test_who_hung_up_owes_the_log_one_entry(record: Database) -> None:
    owed: list[str] = []

    class Noting(DatabaseAuditLog):
        def append_soon(self, entry: Entry) -> None:
            owed.append(entry.phase)
            super().append_soon(entry)

    log = BoundedLog(Noting(record), burst=0)
    for nr in range(50):
        log.append_soon(refused(f"call-{nr}"))
    await log.close()
    assert owed == [Phase.OPENED, Phase.COMPLETED]


async def test_nobody_is_answered_before_the_count_is_durable(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite"
    with closing(sqlite_at(path)) as database:
        log = BoundedLog(DatabaseAuditLog(database), burst=0)
        path.rename(tmp_path / "moved")
        path.mkdir()
        for _ in range(2):
            with pytest.raises(AuditUnavailable):
                await log.append(refused("a"))
        await log.close()


def over(
    call_id: str, *, outcome: Outcome = Outcome.REJECTED, code: str | None = "rate_limit_exceeded", anonymous: bool = True
) -> Entry:
    told = ExchangeRecord(
        call_id=call_id,
        surface=Surface.CHAT,
        opened_at=OPENED_AT,
        outcome=outcome,
        tenant="bank",
        principal="mailroom",
        error_code=code,
    )
    return entry_of(told, Phase.COMPLETED, anonymous=anonymous)


async def test_refusals_of_those_who_show_no_key_are_counted_too(log: BoundedLog, record: Database) -> None:
    for number in range(5):
        await log.append(over(f"c{number}"))
    await log.append(over("forbidden", outcome=Outcome.DENIED, code="model_not_found"))
    known = [
        over("known", anonymous=False),
        over("answered", outcome=Outcome.COMPLETED, code=None),
        over("failed", outcome=Outcome.FAILED),
    ]
    for entry in known:
        await log.append(entry)
    await log.close()
    assert calls(record) == {"c0", "c1", "c2", "known", "answered", "failed"}
    (row,) = read_acts(record, limit=9)
    said = "2 chat/completions (rate_limit_exceeded), 1 chat/completions (model_not_found)"
    assert (row.act.result, row.act.note) == ("3", f"refused, without entries of their own: {said}")


def test_what_was_opened_or_has_content_is_no_mere_refusal() -> None:
    opened = ExchangeRecord(
        call_id="c",
        surface=Surface.CHAT,
        opened_at=OPENED_AT,
        outcome=Outcome.REJECTED,
        principal="mailroom",
        error_code="e",
        timings_ms=Timings(committed=1.0),
    )
    assert entry_of(opened, Phase.COMPLETED, anonymous=True).stranger is None
    bare = replace(opened, timings_ms=Timings())
    assert entry_of(bare, Phase.COMPLETED, anonymous=True).stranger is not None
    assert entry_of(bare, Phase.COMPLETED, ((ENTRIES, {}),), anonymous=True).stranger is None
