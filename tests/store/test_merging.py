"""Nobody who commits moves SQLite's WAL into the file: that is done beside them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path

import pytest
from sqlalchemy import insert

from gateway.store import Database, open_database
from gateway.store.merging import merge_often
from gateway.store.tables.content import TENANT_KEYS
from tests.store.databases import sqlite_at
from tests.store.postgres import Server

_LARGE = b"x" * 1_000_000


def enter(database: Database, *names: str) -> None:
    for name in names:
        with database.writing() as connection:
            connection.execute(insert(TENANT_KEYS), {"tenant": name, "wrapped": _LARGE, "made_at": "t"})


def enter_small(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(TENANT_KEYS), {"tenant": "small", "wrapped": b"x", "made_at": "t"})


def in_the_file(database: Database) -> int:
    """Of how many of them there is room in the file itself."""
    assert database.path is not None
    return database.path.stat().st_size // len(_LARGE)


def test_a_commit_leaves_the_wal_as_it_is(tmp_path: Path) -> None:
    database = sqlite_at(tmp_path / "audit.sqlite")
    with database.reading():  # who closes the last connection moves it
        enter(database, *(f"t{number}" for number in range(12)))
        assert in_the_file(database) == 0
        database.merge()
        assert in_the_file(database) == 12


def test_while_a_gateway_runs_it_is_moved_again_and_again(tmp_path: Path) -> None:
    database = sqlite_at(tmp_path / "audit.sqlite")

    async def until(number: int) -> None:
        while in_the_file(database) < number:
            await asyncio.sleep(0.01)

    async def gateway() -> None:
        merging = asyncio.create_task(merge_often(database, every_s=0.01))
        for number in (2, 4, 6):  # each time more than is left lying
            enter(database, *(f"t{each}" for each in range(number - 2, number)))
            await asyncio.wait_for(until(number), 30)
        merging.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await merging

    with database.reading():
        asyncio.run(gateway())


def test_what_is_short_is_left_lying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a request now and then would begin the WAL anew each time, which takes one more sync of the disk."""
    database, looks, merged = sqlite_at(tmp_path / "audit.sqlite"), list[bool](), list[Database]()
    asked = Database.is_to_be_merged

    def noted(self: Database) -> bool:
        looks.append(asked(self))
        return looks[-1]

    async def gateway() -> None:
        merging = asyncio.create_task(merge_often(database, every_s=0.01))
        async with asyncio.timeout(30):
            while len(looks) < 5:
                await asyncio.sleep(0.01)
        merging.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await merging

    monkeypatch.setattr(Database, "is_to_be_merged", noted)
    monkeypatch.setattr(Database, "merge", merged.append)
    with database.reading():
        enter_small(database)
        asyncio.run(gateway())
    assert not any(looks)
    assert merged == []


def test_the_first_commit_after_a_merge_cuts_the_wal_to_what_is_left_lying(tmp_path: Path) -> None:
    database = sqlite_at(tmp_path / "audit.sqlite")
    with database.reading():
        enter(database, *(f"t{number}" for number in range(12)))
        assert database.is_to_be_merged()
        database.merge()
        enter_small(database)
        assert not database.is_to_be_merged()


def test_where_there_is_no_wal_nothing_is_to_be_merged(tmp_path: Path, postgres: Server) -> None:
    gone = sqlite_at(tmp_path / "audit.sqlite")
    (tmp_path / "audit.sqlite-wal").unlink(missing_ok=True)
    assert not gone.is_to_be_merged()
    with postgres.database() as url:
        database = open_database(url)
        assert not database.is_to_be_merged()
        database.close()


def test_who_is_cancelled_ends_when_the_file_is_let_go_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database, begun, go_on, told = sqlite_at(tmp_path / "audit.sqlite"), threading.Event(), threading.Event(), list[str]()

    def merge(_: Database) -> None:
        begun.set()
        assert go_on.wait(30)
        told.append("let go")

    async def gateway() -> None:
        merging = asyncio.create_task(merge_often(database, every_s=0.01))
        assert await asyncio.to_thread(begun.wait, 30)
        merging.cancel()
        asyncio.get_running_loop().call_later(0.05, go_on.set)
        with contextlib.suppress(asyncio.CancelledError):
            await merging
        told.append("ended")

    monkeypatch.setattr(Database, "merge", merge)
    monkeypatch.setattr(Database, "is_to_be_merged", lambda _: True)
    asyncio.run(gateway())
    assert told == ["let go", "ended"]


def test_whoever_reads_is_not_waited_for(tmp_path: Path) -> None:
    database = sqlite_at(tmp_path / "audit.sqlite")
    with database.reading() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("SELECT count(*) FROM tenant_keys").scalar_one()
        enter(database, "t0")
        database.merge()
        assert in_the_file(database) == 0
        connection.exec_driver_sql("ROLLBACK")
        database.merge()
        assert in_the_file(database) == 1


def test_a_server_moves_its_own(postgres: Server) -> None:
    with postgres.database() as url:
        database = open_database(url)
        asyncio.run(asyncio.wait_for(merge_often(database), 5))
        database.close()
