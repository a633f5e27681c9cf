"""The log in Postgres: shared by many gateways, truthful when the server is gone, locked, or refuses to write."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine

from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.entry_table import _LOCK, EntryTable, Fate
from gateway.audit.log import Phase
from gateway.errors import AuditUnavailable
from gateway.store import Database, open_database
from tests.audit.appends import entry, eventually, outcome, well
from tests.store.postgres import Server


def stored(database: Database) -> list[str]:
    with database.reading() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT call_id FROM entries ORDER BY seq")]


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def base(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


@pytest.fixture
async def log(base: Database) -> AsyncIterator[DatabaseAuditLog]:
    opened = DatabaseAuditLog(base, retry_s=0.05)
    yield opened
    await opened.close()


@contextmanager
def held(url: str) -> Iterator[None]:
    """Another gateway's turn to write."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(_LOCK)
        yield
    engine.dispose()


def name_of(base: Database) -> str:
    return str(base.engine.url.database)


# Durable and shared


async def test_an_append_is_in_the_database_when_it_returns(log: DatabaseAuditLog, base: Database) -> None:
    await log.append(entry("a"))
    await log.append(entry("a"))
    await log.append(entry("a", Phase.COMPLETED))
    assert stored(base) == ["a", "a"]
    assert not await outcome(log, entry("a", body='{"other":1}'))
    assert well(log)


async def test_entries_that_wait_share_one_transaction(log: DatabaseAuditLog, base: Database, url: str) -> None:
    await log.append(entry("first"))
    with held(url):
        appends = [asyncio.create_task(log.append(entry(f"{n}"))) for n in range(100)]
        await asyncio.sleep(0.1)
        assert not any(append.done() for append in appends)
    await asyncio.gather(*appends)
    with base.reading() as connection:
        transactions = connection.exec_driver_sql("SELECT count(DISTINCT xmin::text) FROM entries").scalar_one()
    assert transactions <= 4, "the first; whatever the writer had taken up when the lock came; all others"


async def test_gateways_that_share_a_database_make_one_log(log: DatabaseAuditLog, base: Database, url: str) -> None:
    with_own_pool = open_database(url)
    other = DatabaseAuditLog(with_own_pool)
    await asyncio.gather(*(one.append(entry(f"{n}-{id(one)}")) for n in range(20) for one in (log, other)))
    await other.close()
    with_own_pool.close()
    assert len(set(stored(base))) == 40
    with base.reading() as connection:
        assert connection.exec_driver_sql("SELECT max(idx), max(seq) FROM leaves").one() == (39, 40)


def test_a_commit_is_synced_whatever_the_server_is_used_to(postgres: Server, url: str) -> None:
    postgres.execute(f"ALTER DATABASE {url.rpartition('/')[2].partition('?')[0]} SET synchronous_commit = off")
    database = open_database(url)
    with database.reading() as reading, database.connect() as writing:
        for connection in (reading, writing):
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    database.close()


def test_a_server_that_does_not_sync_is_refused(postgres: Server, url: str) -> None:
    try:
        for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.2)"):
            postgres.execute(statement)
        with pytest.raises(AuditUnavailable, match="fsync off"):
            open_database(url)
    finally:
        for statement in ("ALTER SYSTEM RESET fsync", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.2)"):
            postgres.execute(statement)


# Faults


async def test_a_connection_that_is_cut_is_made_anew_and_nothing_fails(
    log: DatabaseAuditLog, base: Database, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    await log.append(entry("before"))
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(base)}'")
    await log.append(entry("cut", body='{"secret":1}'))
    assert well(log)
    assert stored(base) == ["before", "cut"]
    assert "secret" not in caplog.text


async def test_a_server_that_was_away(log: DatabaseAuditLog, base: Database, postgres: Server) -> None:
    name = name_of(base)
    await log.append(entry("before"))
    postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    for n in range(3):
        assert not await outcome(log, entry(f"away-{n}"))
    log.append_soon(entry("owed"))
    assert not well(log)
    postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await eventually(lambda: well(log))
    await eventually(lambda: stored(base) == ["before", "owed"])


async def test_a_server_that_became_read_only(log: DatabaseAuditLog, base: Database, postgres: Server) -> None:
    """As a replica is, until it is promoted."""
    name = name_of(base)
    await log.append(entry("before"))
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    for n in range(3):
        assert not await outcome(log, entry(f"{n}"))
    await asyncio.sleep(0.2)
    assert not well(log)
    postgres.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    await eventually(lambda: well(log))
    await log.append(entry("after"))
    assert stored(base) == ["before", "after"]


async def test_a_turn_that_never_comes_is_a_failed_write(log: DatabaseAuditLog, base: Database, url: str) -> None:
    with held(url):
        assert await asyncio.gather(*(outcome(log, entry(f"{n}")) for n in range(5))) == [False] * 5
        assert not well(log)
    await eventually(lambda: well(log))
    await log.append(entry("after"))
    assert stored(base) == ["after"]


def test_what_postgres_cannot_hold_does_not_take_others_with_it(base: Database) -> None:
    table = EntryTable(base)
    entries = [entry("a"), entry("b", body="\x00"), entry(os.urandom(50_000).hex()), entry("d")]
    assert table.write(entries) == [Fate.DURABLE, Fate.FAILED, Fate.FAILED, Fate.DURABLE]
    table.close()
    assert stored(base) == ["a", "d"]


def test_a_probe_writes_and_enters_nothing(base: Database) -> None:
    table = EntryTable(base)
    with base.reading() as connection:
        before = connection.exec_driver_sql("SELECT pg_current_wal_insert_lsn()").scalar_one()
        assert table.probe()
        assert connection.exec_driver_sql("SELECT pg_current_wal_insert_lsn()").scalar_one() != before
    table.close()
    assert stored(base) == []
