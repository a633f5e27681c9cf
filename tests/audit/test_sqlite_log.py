"""The log in SQLite: durable, append-only, shared by group commit, truthful when the disk fails."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from gateway.audit import database_log
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.log import Entry, Phase
from gateway.errors import AuditUnavailable
from tests.store.databases import sqlite_at

Limit = Callable[[int], AbstractContextManager[None]]

SMALL = 80_000  # bytes; enough for an empty log, whose shared memory file takes 32,768
LARGE = '"' + "secret" * 20_000 + '"'


def entry(call_id: str, phase: Phase = Phase.OPENED, body: str = "{}") -> Entry:
    return Entry(call_id=call_id, phase=phase, at="2026-01-02T03:04:05.678Z", body=body)


def stored(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT call_id FROM entries ORDER BY seq")]


def wal_size(path: Path) -> int:
    return path.with_name(path.name + "-wal").stat().st_size


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process's write transaction, as far as SQLite can tell."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def well(log: DatabaseAuditLog) -> bool:
    return log.healthy


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


async def outcome(log: DatabaseAuditLog, what: Entry) -> bool:
    try:
        await log.append(what)
    except AuditUnavailable:
        return False
    return True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.db"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[DatabaseAuditLog]:
    opened = DatabaseAuditLog(sqlite_at(path), retry_s=0.05)
    yield opened
    await opened.close()


@pytest.fixture
def file_limit() -> Limit:
    """No file of this process can grow beyond so many bytes: the kernel refuses the write."""

    @contextmanager
    def limit(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounting a file system takes root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


# Durable, private, append-only


async def test_an_append_is_in_the_file_when_it_returns(log: DatabaseAuditLog, path: Path) -> None:
    await log.append(entry("a"))
    assert stored(path) == ["a"]
    assert well(log)


def test_an_append_survives_the_end_of_its_process(path: Path) -> None:
    script = (
        "import asyncio, os, sys\n"
        "from gateway.audit.log import Entry, Phase\n"
        "from gateway.audit.database_log import DatabaseAuditLog\n"
        "from gateway.store import open_database\n"
        "async def main():\n"
        "    log = DatabaseAuditLog(open_database('sqlite:///' + sys.argv[1]))\n"
        "    await log.append(Entry(call_id='a', phase=Phase.OPENED, at='t', body='{}'))\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True)
    assert killed.returncode == -9, killed.stderr
    assert stored(path) == ["a"]


async def test_only_the_owner_can_read_the_files(log: DatabaseAuditLog, path: Path) -> None:
    await log.append(entry("a"))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"audit.db": 0o600, "audit.db-wal": 0o600, "audit.db-shm": 0o600}


async def test_the_log_goes_on_where_it_ended(path: Path) -> None:
    for call_id in ("a", "b"):
        log = DatabaseAuditLog(sqlite_at(path))
        await log.append(entry(call_id))
        await log.close()
    assert stored(path) == ["a", "b"]


# Group commit


async def test_entries_that_wait_share_one_transaction(log: DatabaseAuditLog, path: Path) -> None:
    await log.append(entry("first"))
    before = wal_size(path)
    with held(path):
        appends = [asyncio.create_task(log.append(entry(f"{n}"))) for n in range(100)]
        await asyncio.sleep(0.1)
        assert not any(append.done() for append in appends)
    await asyncio.gather(*appends)
    assert len(stored(path)) == 101
    assert wal_size(path) - before < 100 * 4096, "each transaction of its own would have written a page at least"


async def test_the_same_entry_twice_is_one_entry(log: DatabaseAuditLog, path: Path) -> None:
    await log.append(entry("a"))
    await log.append(entry("a"))
    await log.append(entry("a", Phase.COMPLETED))
    assert stored(path) == ["a", "a"]


async def test_an_entry_in_the_place_of_another_is_refused_alone(log: DatabaseAuditLog, path: Path) -> None:
    await log.append(entry("a"))
    wanted = (entry("b"), entry("a", body='{"other":1}'), entry("c"))
    assert await asyncio.gather(*(outcome(log, one) for one in wanted)) == [True, False, True]
    assert stored(path) == ["a", "b", "c"]
    assert well(log)


async def test_two_logs_share_a_file(log: DatabaseAuditLog, path: Path) -> None:
    other = DatabaseAuditLog(sqlite_at(path))
    await asyncio.gather(*(one.append(entry(f"{n}-{id(one)}")) for n in range(20) for one in (log, other)))
    await other.close()
    assert len(stored(path)) == 40


def _open_and_append(path: Path, call_id: str) -> None:
    async def main() -> None:
        log = DatabaseAuditLog(sqlite_at(path))
        await log.append(entry(call_id))
        await log.close()

    asyncio.run(main())


def test_workers_that_start_at_once_create_one_log(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_open_and_append, args=(path, f"{n}")) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert sorted(stored(path)) == ["0", "1", "2", "3"]


# Event loops, hang-ups, the end


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


# Faults


async def test_a_full_queue_is_said_at_once(path: Path) -> None:
    log = DatabaseAuditLog(sqlite_at(path), capacity=2, retry_s=0.05)
    with held(path):
        first = asyncio.create_task(log.append(entry("taken by the writer")))
        await asyncio.sleep(0.05)
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
    time.sleep(0.3)
    await asyncio.gather(*waiting)
    assert well(log)
    await log.close()


async def test_while_others_are_written_an_entry_waits_for_its_turn(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = EntryTable.write

    def slowly(table: EntryTable, entries: Sequence[Entry]) -> list[Fate]:
        time.sleep(0.3)
        return write(table, entries)

    monkeypatch.setattr(EntryTable, "write", slowly)
    log = DatabaseAuditLog(sqlite_at(path), patience_s=1.5)
    await asyncio.gather(*(log.append(entry(f"{n}")) for n in range(2_000)))  # in eight transactions or more
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


# Opening


def test_a_file_that_is_no_database_and_a_missing_directory_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"not a database, but long enough to look at" * 50)
    for path in (tmp_path / "text", tmp_path / "missing" / "audit.db", tmp_path):
        with pytest.raises(AuditUnavailable):
            DatabaseAuditLog(sqlite_at(path))


def test_a_read_only_directory_is_refused(tmp_path: Path) -> None:
    """In a child process, as nobody where we are root: root may write anywhere."""
    place = tmp_path / "read-only"
    place.mkdir(mode=0o555)
    for parent in place.parents:
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    script = (
        "import os, sys\n"
        "from gateway.errors import AuditUnavailable\n"
        "from gateway.store import open_database\n"
        "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try: open_database('sqlite:///' + sys.argv[1] + '/audit.db')\n"
        "except AuditUnavailable as error: sys.exit(error.message)\n"
    )
    refused = subprocess.run([sys.executable, "-c", script, str(place)], capture_output=True)
    assert refused.stderr == b"The database cannot be opened: PermissionError.\n"


def test_no_thread_is_left_behind(path: Path) -> None:
    before = set(threading.enumerate())
    log = DatabaseAuditLog(sqlite_at(path))
    assert {thread.name for thread in set(threading.enumerate()) - before} == {"audit-writer"}
    asyncio.run(log.close())
    assert "audit-writer" not in {thread.name for thread in set(threading.enumerate()) - before}
