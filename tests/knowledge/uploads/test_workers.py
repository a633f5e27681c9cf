"""Several gateways work on uploads at once, and one of them takes longer than others wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from sqlalchemy import select

from gateway.knowledge.ingest import Ingest, Kept
from gateway.knowledge.reading import Reader
from gateway.knowledge.uploads.jobs import LEASE, SHORT, take_up
from gateway.knowledge.uploads.shapes import Status, StoreFile
from gateway.knowledge.uploads.store_files import place_file, store_files, take_out
from gateway.knowledge.uploads.worker import OneReader, Worker
from gateway.moments import written
from gateway.store.tables.knowledge import DOCUMENTS, STORE_FILES
from tests.knowledge.conftest import WordsInABag
from tests.knowledge.uploads.conftest import Desk, worker_of


class Slow:
    """Makes a document when it is let."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def put(self, *what: Any) -> Kept:
        self.begun.set()
        await self.go_on.wait()
        return await self._ingest.put(*what)


def another(desk: Desk, made: Callable[[Ingest], Any], reader: OneReader, renew_s: float = 60.0) -> tuple[Worker, Any]:
    """A second gateway's worker, and what makes its documents."""
    house = desk.house
    ingest = made(Ingest(house.library, house.protection, WordsInABag(), cast("Reader", reader), house.keys))
    worker = worker_of(house, ingest, reader, desk.clock, renew_s)
    return worker, ingest


async def inside(desk: Desk, store: str) -> StoreFile:
    (file,) = await desk.keeping.read("bank", lambda connection, owner: store_files(connection, owner, store))
    return file


@pytest.mark.parametrize("meanwhile", ["its turn is over", "it is added again"])
async def test_what_two_gateways_read_is_in_the_store_once(desk: Desk, meanwhile: str) -> None:
    file = await desk.upload("one.md", "# A\n\nalpha beta\n")
    store, reader = await desk.store(file), OneReader()
    slow, ingest = another(desk, Slow, reader)
    working = asyncio.create_task(slow.work())
    await ingest.begun.wait()
    if meanwhile == "it is added again":
        now = desk.clock.now
        await desk.keeping.write("bank", lambda connection, owner: take_out(connection, owner, store, file, now))
        await desk.keeping.write("bank", lambda connection, owner: place_file(connection, owner, store, {file: {}}, None, now))
    desk.clock.now += LEASE
    await desk.worker.work()
    assert (await inside(desk, store)).status is Status.COMPLETED
    ingest.go_on.set()
    await working
    await reader.close()
    (document,) = await desk.house.library.documents("bank")
    assert ((await inside(desk, store)).status, (await inside(desk, store)).document) == (Status.COMPLETED, document.id)
    assert [one.text for one in await desk.house.ask("alpha", collections=[store])] == ["alpha beta"]


async def test_a_short_file_is_done_while_a_long_one_takes_its_time(desk: Desk) -> None:
    long, reader = await desk.store(await desk.upload("long.md", "# A\n\n" + "alpha " * (SHORT // 6))), OneReader()
    slow, ingest = another(desk, Slow, reader)
    working = asyncio.create_task(slow.work())
    await ingest.begun.wait()
    short = await desk.store(await desk.upload("short.md", "# B\n\nbeta\n"))
    house = desk.house
    beside = worker_of(
        house, Ingest(house.library, house.protection, WordsInABag(), reader, house.keys), reader, desk.clock, short=True
    )
    await beside.work()
    assert ((await inside(desk, long)).status, (await inside(desk, short)).status) == (Status.IN_PROGRESS, Status.COMPLETED)
    ingest.go_on.set()
    await working
    await reader.close()
    assert (await inside(desk, long)).status is Status.COMPLETED


async def test_what_was_taken_out_meanwhile_does_not_come_back(desk: Desk) -> None:
    file = await desk.upload("one.md", "# A\n\nalpha beta\n")
    store, reader = await desk.store(file), OneReader()
    slow, ingest = another(desk, Slow, reader)
    working = asyncio.create_task(slow.work())
    await ingest.begun.wait()
    now = desk.clock.now
    await desk.keeping.write("bank", lambda connection, owner: take_out(connection, owner, store, file, now))
    ingest.go_on.set()
    await working
    await reader.close()
    assert desk.house.rows(STORE_FILES) == desk.house.rows(DOCUMENTS) == 0


async def test_a_gateway_that_is_still_reading_keeps_its_turn(desk: Desk) -> None:
    store, reader = await desk.store(await desk.upload("one.md", "# A\n\nalpha beta\n")), OneReader()
    slow, ingest = another(desk, Slow, reader, renew_s=0.01)
    working = asyncio.create_task(slow.work())
    await ingest.begun.wait()
    database = desk.house.database
    for _ in range(3):
        desk.clock.now += LEASE * 0.9
        wanted = desk.clock.now
        while await asyncio.to_thread(_claimed_before, desk, wanted):
            await asyncio.sleep(0.01)
        with database.writing() as connection:
            job = take_up(connection, desk.clock.now)
        assert getattr(job, "store", None) is None
    ingest.go_on.set()
    await working
    await reader.close()
    assert (await inside(desk, store)).status is Status.COMPLETED


def _claimed_before(desk: Desk, when: Any) -> bool:
    with desk.house.database.reading() as connection:
        claimed = connection.execute(select(STORE_FILES.c.claimed_at)).scalar_one()
    return bool(claimed < written(when))
