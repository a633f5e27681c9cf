"""The log is truthful when the disk fails."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.log import Entry
from gateway.errors import AuditUnavailable
from tests.audit.appends import entry, eventually, outcome, well
from tests.audit.sqlite_log.conftest import Limit
from tests.audit.sqlite_log.files import LARGE, SMALL, held, stored
from tests.store.databases import sqlite_at
from tests.support.clock import Clock


async def test_a_full_queue_is_said_at_once(path: Path) -> None:
    log = DatabaseAuditLog(sqlite_at(path), capacity=2, retry_s=0.05)
    with held(path):
        first = asyncio.create_task(log.append(entry("taken by the writer")))
        await asyncio.sleep(0)
        await eventually(lambda: log._queue.empty())
        waiting = [asyncio.create_task(log.append(entry(f"{n}"))) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(AuditUnavailable):
            await log.append(entry("one too many"))
        assert well(log)
        log.append_soon(entry("owed"))
        log.append_soon(entry("owed too"))
        assert well(log)
        log.append_soon(entry("lost"))
        assert not well(log)
    await asyncio.gather(first, *waiting)
    await eventually(lambda: well(log))
    await eventually(lambda: stored(path)[-1] == "owed too")
    assert stored(path) == ["taken by the writer", "0", "1", "owed", "owed too"]
    await log.close()


async def test_a_stuck_disk_is_not_waited_for(path: Path) -> None:
    log = DatabaseAuditLog(sqlite_at(path), patience_s=0.05, retry_s=0.05)
    with held(path):
        with pytest.raises(AuditUnavailable):
            await log.append(entry("a"))
        assert not well(log)
    await eventually(lambda: well(log))
    await log.close()


async def test_a_loop_that_was_busy_is_told_the_truth(path: Path) -> None:
    log = DatabaseAuditLog(sqlite_at(path), patience_s=0.05)
    waiting = [asyncio.ensure_future(log.append(entry(f"{n}"))) for n in range(9)]
    await asyncio.sleep(0)
    while len(stored(path)) < 9:
        time.sleep(0.01)
    time.sleep(0.3)  # the writer has nothing left to do but to say so
    await asyncio.gather(*waiting)
    assert well(log)
    await log.close()


async def test_while_others_are_written_an_entry_waits_for_its_turn(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each transaction takes most of an entry's patience, by a clock that does not go on by itself."""
    write, clock = EntryTable.write, Clock()

    def slowly(table: EntryTable, entries: Sequence[Entry]) -> list[Fate]:
        clock.now += 0.04
        time.sleep(0.01)  # so that some look how far it is
        return write(table, entries)

    monkeypatch.setattr(EntryTable, "write", slowly)
    monkeypatch.setattr("gateway.audit.database_log.monotonic", clock)
    log = DatabaseAuditLog(sqlite_at(path), patience_s=0.05)
    await asyncio.gather(*(log.append(entry(f"{n}")) for n in range(2_000)))  # in eight transactions or more
    assert clock.now >= 8 * 0.04
    assert well(log)
    assert len(stored(path)) == 2_000
    await log.close()


async def test_a_lock_that_stays_is_a_failed_write(log: DatabaseAuditLog, path: Path) -> None:
    with held(path):
        assert await asyncio.gather(*(outcome(log, entry(f"{n}")) for n in range(5))) == [False] * 5
        assert not well(log)
    await log.append(entry("after"))
    assert well(log)
    assert stored(path) == ["after"]


async def test_when_no_write_succeeds_every_append_learns_it_and_the_log_recovers(
    log: DatabaseAuditLog, path: Path, file_limit: Limit, caplog: pytest.LogCaptureFixture
) -> None:
    await log.append(entry("before"))
    with file_limit(SMALL):
        results = await asyncio.gather(*(outcome(log, entry(f"{n}", body=LARGE)) for n in range(20)))
        assert not any(results)
        assert not well(log)
    assert stored(path) == ["before"]
    await eventually(lambda: well(log))  # by itself: a gateway that is not ready gets no traffic
    await log.append(entry("after"))
    assert stored(path) == ["before", "after"]
    assert "SQLITE_IOERR_WRITE" in caplog.text
    assert "secret" not in caplog.text


async def test_an_entry_too_large_for_the_disk_does_not_take_others_with_it(
    log: DatabaseAuditLog, path: Path, file_limit: Limit
) -> None:
    await log.append(entry("before"))
    wanted = [entry("small"), entry("large", body=LARGE), entry("smaller")]
    with file_limit(SMALL):
        with held(path):
            appends = [asyncio.create_task(outcome(log, one)) for one in wanted]
            await asyncio.sleep(0.1)
        assert await asyncio.gather(*appends) == [True, False, True]
    assert stored(path) == ["before", "small", "smaller"]


async def test_entries_that_nobody_waits_for_are_owed_until_the_disk_takes_them(
    log: DatabaseAuditLog, path: Path, file_limit: Limit
) -> None:
    await log.append(entry("before"))
    with file_limit(SMALL):
        for n in range(300):
            log.append_soon(entry(f"owed-{n}", body=LARGE))
        await eventually(lambda: not well(log))
        assert stored(path) == ["before"]
    await eventually(lambda: len(stored(path)) == 301)
    await eventually(lambda: well(log))


async def test_what_is_owed_at_the_end_is_said_to_be_lost(
    path: Path, file_limit: Limit, caplog: pytest.LogCaptureFixture
) -> None:
    log = DatabaseAuditLog(sqlite_at(path))
    await log.append(entry("before"))
    with file_limit(SMALL):
        log.append_soon(entry("owed", body=LARGE))
        await log.close()
    assert "lost: opened owed" in caplog.text
    assert "secret" not in caplog.text


async def test_a_full_file_system(tiny_disk: Path) -> None:
    path = tiny_disk / "audit.db"
    log = DatabaseAuditLog(sqlite_at(path), retry_s=0.05)
    filler = tiny_disk / "filler"
    await log.append(entry("before"))
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(bytes(2**21))
    written = [one for one in range(200) if await outcome(log, entry(f"{one}", body='"' + "x" * 4000 + '"'))]
    assert len(written) < 200
    assert not well(log)
    filler.unlink()
    await eventually(lambda: well(log))
    await log.append(entry("after"))
    await log.close()
    assert stored(path) == ["before", *(str(one) for one in written), "after"]


@pytest.mark.parametrize("name", ["audit.db", "audit.db-wal"])
async def test_a_deleted_file_is_noticed_and_then_replaced(log: DatabaseAuditLog, path: Path, name: str) -> None:
    await log.append(entry("before"))
    path.with_name(name).unlink()
    with pytest.raises(AuditUnavailable):
        await log.append(entry("into the void"))
    assert not well(log)
    await log.append(entry("after"))
    assert well(log)
    assert stored(path)[-1] == "after"


async def test_a_log_that_became_something_else_fails_until_it_is_back(
    log: DatabaseAuditLog, path: Path, tmp_path: Path
) -> None:
    await log.append(entry("before"))
    aside = tmp_path / "aside"
    aside.mkdir()
    for file in tmp_path.glob("audit.db*"):
        shutil.move(file, aside)
    path.write_bytes(b"this is not a database" * 100)
    for n in range(3):
        with pytest.raises(AuditUnavailable):
            await log.append(entry(f"{n}"))
    await asyncio.sleep(0.2)
    assert not well(log)
    for file in sorted(aside.iterdir(), reverse=True):  # the file itself last, and over the other in one step
        file.replace(tmp_path / file.name)
    await eventually(lambda: well(log))
    await log.append(entry("after"))
    assert "before" in stored(path)
    assert stored(path)[-1] == "after"


async def test_a_writer_that_meets_a_bug_answers_and_lives(
    log: DatabaseAuditLog, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AuditUnavailable):
        await log.append(entry("not UTF-8: \ud83d"))
    assert "UnicodeEncodeError" in caplog.text
    await log.append(entry("after"))
    assert stored(path) == ["after"]
    assert well(log)
