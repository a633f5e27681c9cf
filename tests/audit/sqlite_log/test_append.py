"""An append is durable, private and in its order; appends that wait share a commit."""

from __future__ import annotations

import asyncio
import multiprocessing
import stat
import subprocess
import sys
from pathlib import Path

from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.log import Phase
from gateway.store import open_database
from tests.audit.appends import entry, outcome, well
from tests.audit.sqlite_log.files import held, stored, wal_size
from tests.store.databases import sqlite_at, sqlite_url


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
    """As a gateway does: the file is not there, and no test has laid it."""

    async def main() -> None:
        log = DatabaseAuditLog(open_database(sqlite_url(path)))
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
