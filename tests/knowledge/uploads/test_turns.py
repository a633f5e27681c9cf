"""Whose file is next: one tenant's many hold up no other's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.knowledge.rules import Rules
from gateway.knowledge.uploads.files import NewFile, add_file
from gateway.knowledge.uploads.jobs import LEASE, SHORT, Job, ToScan, ToShelve, is_idle, take_up
from gateway.knowledge.uploads.shapes import Named
from gateway.knowledge.uploads.store_files import place_file
from gateway.knowledge.uploads.stores import NewStore, add_store
from gateway.knowledge.uploads.worker import OneReader, Worker
from tests.knowledge.conftest import RULES
from tests.knowledge.uploads.conftest import Desk


async def given(desk: Desk, tenant: str, *, shelved: bool = False, size: int = 2) -> str:
    """A file that has to be looked at, or to be put into a store of its own."""
    desk.clock.now += timedelta(seconds=1)
    now, content = desk.clock.now, b"a" * size
    new = NewFile(owner="app", name="a.txt", content=content, purpose="assistants", expires_at=None)
    file = await desk.keeping.write(tenant, lambda connection, owner: add_file(connection, owner, new, now))
    if shelved:
        made = NewStore(owner="app", labels=frozenset(), named=Named(name="s"), days=None)
        store = await desk.keeping.write(tenant, lambda connection, owner: add_store(connection, owner, made, now))
        await desk.keeping.write(tenant, lambda connection, owner: place_file(connection, owner, store, {file: {}}, None, now))
    return file


def taken(desk: Desk, now: datetime, turns: int, *, short: bool = False) -> list[Job]:
    jobs, after = [], ""
    for _ in range(turns):
        with desk.house.database.writing() as connection:
            job = take_up(connection, now, after, short=short)
        assert job is not None
        jobs.append(job)
        after = job.tenant
    return jobs


async def test_tenants_have_turns(desk: Desk) -> None:
    for _ in range(4):
        await given(desk, "bank")
    for tenant in ("shop", "clinic", "shop"):
        await given(desk, tenant)
    jobs = taken(desk, desk.clock.now, 7)
    assert [job.tenant for job in jobs] == ["bank", "clinic", "shop", "bank", "shop", "bank", "bank"]


async def test_what_one_tenant_puts_into_stores_does_not_go_before_what_another_uploads(desk: Desk) -> None:
    for _ in range(3):
        await given(desk, "bank", shelved=True)
    late = await given(desk, "shop")
    first, second, third = taken(desk, desk.clock.now, 3)
    assert isinstance(first, ToShelve)
    assert second == ToScan("shop", late)
    assert isinstance(third, ToShelve)


async def test_a_tenants_oldest_is_first_and_what_was_tried_is_last(desk: Desk) -> None:
    files = [await given(desk, "bank") for _ in range(3)]
    (tried,) = taken(desk, desk.clock.now, 1)
    later = desk.clock.now + LEASE
    assert [tried, *taken(desk, later, 3)] == [ToScan("bank", file) for file in (*files, files[0])]


@pytest.mark.parametrize("shelved", [False, True])
async def test_a_short_file_waits_for_no_long_one(desk: Desk, shelved: bool) -> None:
    for tenant in ("bank", "clinic"):
        await given(desk, tenant, shelved=shelved, size=SHORT + 1)
    taken(desk, desk.clock.now, 1)  # whoever does it may do so for an hour
    late = await given(desk, "shop", shelved=shelved, size=SHORT)
    (job,) = taken(desk, desk.clock.now, 1, short=True)
    assert isinstance(job, ToShelve if shelved else ToScan)
    assert (job.tenant, job.file) == ("shop", late)
    scans = 1 if shelved else 0  # what is in a store is also looked through by itself
    taken(desk, desk.clock.now, scans, short=True)
    with desk.house.database.reading() as connection:
        assert is_idle(connection, desk.clock.now, short=True)
        assert not is_idle(connection, desk.clock.now)
    with desk.house.database.writing() as connection:
        assert take_up(connection, desk.clock.now, short=True) is None


async def test_the_worker_remembers_whose_turn_was_last(desk: Desk) -> None:
    order: list[str] = []

    def noting(tenant: str) -> Rules:
        order.append(tenant)
        return RULES

    house, reader = desk.house, OneReader()
    for tenant in ("bank", "bank", "bank", "shop", "shop"):
        await given(desk, tenant)
    worker = Worker(
        house.database,
        house.keys,
        reader,
        pytest.fail,
        lambda: house.protection,
        lambda _: RULES,
        noting,
        house.library.tidy,
        desk.clock,
    )
    await worker.work()
    await reader.close()
    assert order == ["bank", "shop", "bank", "shop", "bank"]
