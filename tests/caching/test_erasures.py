from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.caching.erasures import Erasures
from gateway.caching.memory import MemoryStore
from gateway.errors import AuditUnavailable
from gateway.store.database import open_database
from gateway.store.tables.assurance import ERASURES
from tests.caching.conftest import answers
from tests.caching.test_stores import ELSEWHERE, ONE, kept, known
from tests.store.databases import calm, sqlite_at

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROW = {"id": "er_1", "tenant": "t", "tags": "aa", "asked_by": "o", "begun_at": "2026-01-01T11:59:59.000Z"}


class Forgotten(list[str]):
    """Tenants whose keys were let go of."""

    async def __call__(self, tenant: str) -> None:
        self.append(tenant)


async def test_what_another_process_erases_is_forgotten_here(tmp_path: Path) -> None:
    """When it begins, and once more when it ends; not for ever after."""
    database, store = open_database(f"sqlite:///{tmp_path}/state.sqlite"), MemoryStore(10_000)
    erasures = Erasures(database, answers(store), Forgotten(), lambda: NOW)
    await kept(store, ONE, ELSEWHERE)
    await erasures.obey()
    assert await known(store, ONE) == [b"sealed"]
    with database.writing() as connection:
        connection.execute(ERASURES.insert().values(**ROW))
    await erasures.obey()
    assert await known(store, ONE, ELSEWHERE) == [None, b"sealed"]
    await kept(store, ONE)
    await erasures.obey()
    assert await known(store, ONE) == [b"sealed"]
    with database.writing() as connection:
        connection.execute(ERASURES.update().values(finished_at="2026-01-01T12:00:00.000Z"))
    await erasures.obey()
    assert await known(store, ONE) == [None]
    database.close()


async def test_a_database_that_did_not_change_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, store = tmp_path / "state.sqlite", MemoryStore(10_000)
    database = sqlite_at(path)
    erasures = Erasures(database, answers(store), Forgotten(), lambda: NOW)
    with calm(path) as age:
        age()
        await erasures.obey()
        with monkeypatch.context() as blind:
            blind.setattr(Erasures, "_latest", lambda _: pytest.fail("nothing was committed"))
            await erasures.obey()
        await kept(store, ONE)
        with database.writing() as connection:
            connection.execute(ERASURES.insert().values(**ROW))
        age()
        await erasures.obey()
    assert await known(store, ONE) == [None]
    database.close()


async def test_an_erasure_that_is_finished_days_after_it_began_is_obeyed(tmp_path: Path) -> None:
    database, store = open_database(f"sqlite:///{tmp_path}/state.sqlite"), MemoryStore(10_000)
    row = {"id": "er_1", "tenant": "t", "tags": "aa", "asked_by": "o", "begun_at": "2025-12-30T08:00:00.000Z"}
    with database.writing() as connection:
        connection.execute(ERASURES.insert().values(**row, finished_at="2026-01-01T11:59:59.000Z"))
    await kept(store, ONE)
    await Erasures(database, answers(store), Forgotten(), lambda: NOW).obey()
    assert await known(store, ONE) == [None]
    database.close()


async def test_a_database_that_is_away_is_asked_later(tmp_path: Path) -> None:
    database, store = open_database(f"sqlite:///{tmp_path}/state.sqlite"), MemoryStore(10_000)
    erasures = Erasures(database, answers(store), Forgotten(), lambda: NOW)
    with database.writing() as connection:
        connection.execute(ERASURES.insert().values(**ROW))
        connection.exec_driver_sql("ALTER TABLE erasures RENAME TO elsewhere")
    await kept(store, ONE)
    with pytest.raises(AuditUnavailable):
        await erasures.obey()
    assert await known(store, ONE) == [b"sealed"]
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO erasures")
    await erasures.obey()
    assert await known(store, ONE) == [None]
    database.close()


async def test_the_key_of_a_tenant_that_is_erased_as_a_whole_is_let_go_of(tmp_path: Path) -> None:
    database, store = open_database(f"sqlite:///{tmp_path}/state.sqlite"), MemoryStore(10_000)
    forgotten = Forgotten()
    erasures = Erasures(database, answers(store), forgotten, lambda: NOW)
    row = {"asked_by": "o", "begun_at": "2026-01-01T11:59:59.000Z"}
    with database.writing() as connection:
        for erasure, tenant, tags in (("er_1", "a_person_of_it", "aa"), ("er_2", "whole", "")):
            connection.execute(ERASURES.insert().values(**row, id=erasure, tenant=tenant, tags=tags))
    for _ in range(2):
        await erasures.obey()
    assert forgotten == ["whole"]
    database.close()


async def test_what_was_erased_while_the_database_was_away_for_hours_is_obeyed(tmp_path: Path) -> None:
    database, store = open_database(f"sqlite:///{tmp_path}/state.sqlite"), MemoryStore(10_000)
    clock = [NOW - timedelta(hours=5)]
    erasures = Erasures(database, answers(store), Forgotten(), lambda: clock[0])
    await erasures.obey()
    await kept(store, ONE)
    with database.writing() as connection:
        at = "2026-01-01T08:00:00.000Z"
        connection.execute(ERASURES.insert().values(**ROW | {"begun_at": at, "finished_at": at}))
    clock[0] = NOW
    await erasures.obey()
    assert await known(store, ONE) == [None]
    database.close()
