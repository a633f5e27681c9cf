"""What another process clears, on the record, is forgotten in the memory of this one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.assurance.clearings import OF_MODEL, OF_VERSION, Clearings
from gateway.audit.act import Act, Action, ActOutcome, new_act
from gateway.audit.enter import enter_ended, entered
from gateway.errors import AuditUnavailable, ProtectionUnavailable
from gateway.store.database import Database
from tests.store.databases import calm, sqlite_at

What = tuple[str, str | None, str | None]


class Cleared(list[What]):
    """What was cleared, in order."""

    away = False

    async def __call__(self, tenant: str, model: str | None, policy: str | None) -> int:
        if self.away:
            raise ProtectionUnavailable("away")
        self.append((tenant, model, policy))
        return 1


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as opened:
        yield opened


def act(action: Action = Action.CACHE_CLEAR, *, tenant: str | None = "bank", **facts: str | None) -> Act:
    return new_act(action, actor="cli:root", tenant=tenant, **facts)


def later() -> datetime:
    """The clock of a process that began long after what stands in the record."""
    return datetime.now(UTC) + timedelta(hours=1)


async def test_a_database_that_did_not_change_is_not_read_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database.path is not None
    cleared = Cleared()
    clearings = Clearings(database, cleared)
    with calm(database.path) as age:
        age()
        await clearings.obey()
        with monkeypatch.context() as blind:
            blind.setattr(Clearings, "_entered", lambda _: pytest.fail("nothing was committed"))
            await clearings.obey()
        enter_ended(database, act().ended(ActOutcome.DONE))
        age()
        await clearings.obey()
    assert cleared == [("bank", None, None)]


async def test_what_is_entered_from_now_on_is_obeyed_as_intended_and_as_done(database: Database) -> None:
    cleared = Cleared()
    enter_ended(database, act(tenant="before").ended(ActOutcome.DONE))
    clearings = Clearings(database, cleared, later)
    await clearings.obey()
    assert cleared == []
    with entered(database, act()):
        await clearings.obey()
        assert cleared == [("bank", None, None)]
        await clearings.obey()
    await clearings.obey()
    await clearings.obey()
    assert cleared == [("bank", None, None)] * 2


async def test_a_model_and_a_version_are_told_apart(database: Database) -> None:
    cleared = Cleared()
    clearings = Clearings(database, cleared)
    await clearings.obey()
    for note, target in ((OF_MODEL, "small"), (OF_VERSION, "v1")):
        enter_ended(database, act(target=target, note=note).ended(ActOutcome.DONE))
    await clearings.obey()
    assert cleared == [("bank", "small", None), ("bank", None, "v1")]


async def test_an_act_of_a_newer_version_is_obeyed_too(database: Database) -> None:
    """While gateways are replaced one by one: its acts may have fields that this version does not know."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Newer(Act):
        more: str = "new"

    cleared = Cleared()
    clearings = Clearings(database, cleared)
    await clearings.obey()
    known = {one.name: getattr(act(), one.name) for one in fields(Act)}
    enter_ended(database, Newer(**known | {"outcome": ActOutcome.DONE}))
    await clearings.obey()
    assert cleared == [("bank", None, None)]


async def test_nothing_else_clears(database: Database) -> None:
    cleared = Cleared()
    clearings = Clearings(database, cleared)
    await clearings.obey()
    enter_ended(database, act().ended(ActOutcome.DENIED, error_code="not_permitted"))
    enter_ended(database, act().ended(ActOutcome.FAILED))
    enter_ended(database, act(tenant=None).ended(ActOutcome.DENIED))
    enter_ended(database, act(Action.LIMITS_RESET, note='"cache.clear"').ended(ActOutcome.DONE))
    await clearings.obey()
    assert cleared == []


async def test_what_could_not_be_read_or_cleared_is_done_later(database: Database) -> None:
    cleared = Cleared()
    clearings = Clearings(database, cleared)
    await clearings.obey()
    enter_ended(database, act().ended(ActOutcome.DONE))
    cleared.away = True
    with pytest.raises(ProtectionUnavailable):
        await clearings.obey()
    cleared.away = False
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE entries RENAME TO elsewhere")
    with pytest.raises(AuditUnavailable):
        await clearings.obey()
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO entries")
    assert cleared == []
    await clearings.obey()
    assert cleared == [("bank", None, None)]


async def test_what_was_cleared_before_a_first_reading_succeeded_is_not_missed(database: Database) -> None:
    cleared = Cleared()
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE entries RENAME TO elsewhere")
    clearings = Clearings(database, cleared)
    with pytest.raises(AuditUnavailable):
        await clearings.obey()
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO entries")
    enter_ended(database, act().ended(ActOutcome.DONE))
    await clearings.obey()
    await clearings.obey()
    assert cleared == [("bank", None, None)]


async def test_it_is_followed_until_it_is_cancelled(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.assurance.clearings._EVERY_S", 0.01)
    cleared = Cleared()
    following = asyncio.create_task(Clearings(database, cleared).follow())
    await asyncio.sleep(0.05)
    enter_ended(database, act().ended(ActOutcome.DONE))
    async with asyncio.timeout(20):
        while not cleared:
            await asyncio.sleep(0.01)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
