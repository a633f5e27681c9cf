"""Event loops, hang-ups and the end."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from gateway.audit import database_log
from gateway.audit.database_log import DatabaseAuditLog
from gateway.errors import AuditUnavailable
from tests.audit.appends import entry, eventually, well
from tests.audit.sqlite_log.files import held, stored
from tests.store.databases import sqlite_at


def test_several_event_loops_share_a_log(path: Path) -> None:
    log = DatabaseAuditLog(sqlite_at(path))

    async def some(name: str) -> None:
        await asyncio.gather(*(log.append(entry(f"{name}-{n}")) for n in range(20)))

    threads = [threading.Thread(target=lambda name=name: asyncio.run(some(name))) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asyncio.run(log.close())
    assert len(stored(path)) == 60


async def test_an_owed_entry_goes_with_the_next_commit_or_after_a_moment(path: Path) -> None:
    patient = DatabaseAuditLog(sqlite_at(path), linger_s=60)
    patient.append_soon(entry("owed"))
    await asyncio.sleep(0.1)
    assert stored(path) == []
    await patient.append(entry("next"))
    assert stored(path) == ["next", "owed"]
    await patient.close()
    log = DatabaseAuditLog(sqlite_at(path), linger_s=0.01)
    log.append_soon(entry("alone"))
    await eventually(lambda: stored(path)[-1] == "alone")
    await log.close()


async def test_an_owed_entry_wakes_a_log_that_rests(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_log, "_REST_S", 3_600.0)
    log = DatabaseAuditLog(sqlite_at(path), linger_s=0.001)
    for number in range(3):
        await eventually(lambda: log._resting)
        log.append_soon(entry(f"{number}"))
        await eventually(lambda: len(stored(path)) == number + 1)  # noqa: B023
    await log.append(entry("waited for"))
    assert stored(path) == ["0", "1", "2", "waited for"]
    await log.close()


def test_append_soon_needs_no_loop_and_close_writes_what_waits(path: Path) -> None:
    log = DatabaseAuditLog(sqlite_at(path))
    for n in range(600):
        log.append_soon(entry(f"{n}"))
    asyncio.run(log.close())
    assert len(stored(path)) == 600


def test_a_loop_that_ended_takes_nothing_with_it(path: Path) -> None:
    log = DatabaseAuditLog(sqlite_at(path))

    async def leave() -> asyncio.Task[None]:
        append = asyncio.create_task(log.append(entry("left")))
        await asyncio.sleep(0.05)
        return append

    with held(path):
        append = asyncio.run(leave())
    assert append.cancelled()
    asyncio.run(log.append(entry("next")))
    asyncio.run(log.close())
    assert stored(path) == ["left", "next"]


async def test_after_the_end_nothing_is_promised(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = DatabaseAuditLog(sqlite_at(path))
    await log.close()
    await log.close()
    assert not well(log)
    with pytest.raises(AuditUnavailable):
        await log.append(entry("a"))
    log.append_soon(entry("b", body='{"secret":1}'))
    assert "lost: opened b" in caplog.text
    assert "secret" not in caplog.text
