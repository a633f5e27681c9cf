"""Reading the log from a moment on, page by page."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.reader import range_since, read_since
from gateway.protocol.wire import Surface
from tests.store.databases import sqlite_at
from tests.support.recorded_calls import fill


def record(call_id: str, opened_at: str) -> ExchangeRecord:
    return ExchangeRecord(call_id=call_id, surface=Surface.CHAT, opened_at=opened_at, outcome=Outcome.COMPLETED, status=200)


def day(number: int) -> str:
    return f"2026-01-{number:02d}T00:00:00.000Z"


@pytest.mark.parametrize("page", [1, 2, 3, 500])
async def test_newest_first_and_each_once_whatever_the_page(tmp_path: Path, page: int) -> None:
    path = tmp_path / "audit.sqlite"
    await fill(path, *(record(f"c{number}", day(number)) for number in range(1, 7)))
    assert [row.record.call_id for row in read_since(sqlite_at(path), day(4), page=page)] == ["c6", "c5", "c4"]
    assert len(list(read_since(sqlite_at(path), day(1), page=page))) == 6


async def test_what_is_older_ends_no_page_early(tmp_path: Path) -> None:
    """Exchanges are entered when they are decided, which is not the order in which they came."""
    path = tmp_path / "audit.sqlite"
    days = (5, 1, 6, 2, 7)
    await fill(path, *(record(f"c{number}", day(number)) for number in days))
    assert [row.record.call_id for row in read_since(sqlite_at(path), day(5), page=1)] == ["c7", "c6", "c5"]


async def test_the_range_holds_all_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite"
    await fill(path, record("c1", day(1)), record("c2", day(2)))
    first, after = range_since(sqlite_at(path), day(1))
    assert all(first <= row.seq < after for row in read_since(sqlite_at(path), day(1)))
    assert range_since(sqlite_at(path), "2999-01-01T00:00:00.000Z") == (0, 0)
    assert list(read_since(sqlite_at(path), "2999-01-01T00:00:00.000Z")) == []
