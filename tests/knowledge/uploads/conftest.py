"""Uploaded files and vector stores of one tenant, and the worker that does what is to be done with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from gateway.knowledge.ingest import Ingest
from gateway.knowledge.uploads.files import NewFile, add_file
from gateway.knowledge.uploads.keeping import Keeping
from gateway.knowledge.uploads.shapes import Named, Store
from gateway.knowledge.uploads.store_files import place_file
from gateway.knowledge.uploads.stores import NewStore, add_store, find_store
from gateway.knowledge.uploads.worker import OneReader, Worker
from tests.knowledge.conftest import RULES, House, WordsInABag


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    house: House
    keeping: Keeping
    worker: Worker
    clock: Clock

    async def upload(self, name: str, text: str, *, lasts: timedelta | None = None) -> str:
        until = None if lasts is None else self.clock.now + lasts
        new = NewFile(owner="app", name=name, content=text.encode(), purpose="assistants", expires_at=until)
        return await self.keeping.write("bank", lambda connection, owner: add_file(connection, owner, new, self.clock.now))

    async def store(self, *placed: str, days: int | None = None) -> str:
        new = NewStore(owner="app", labels=frozenset(), named=Named(name="s"), days=days)
        now = self.clock.now
        store = await self.keeping.write("bank", lambda connection, owner: add_store(connection, owner, new, now))
        await self.keeping.write(
            "bank", lambda connection, owner: place_file(connection, owner, store, {one: {} for one in placed}, None, now)
        )
        return store

    async def told(self, store: str) -> Store:
        found = await self.keeping.read("bank", lambda connection, owner: find_store(connection, owner, store))
        assert found is not None
        return found


def worker_of(
    house: House, ingest: Ingest, reader: OneReader, clock: Clock, renew_s: float = 60.0, *, short: bool = False
) -> Worker:
    return Worker(
        house.database,
        house.keys,
        reader,
        lambda: ingest,
        lambda: house.protection,
        lambda _: RULES,
        lambda _: RULES,
        house.library.tidy,
        clock,
        renew_s=renew_s,
        short=short,
    )


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    clock, reader = Clock(), OneReader()
    ingest = Ingest(house.library, house.protection, WordsInABag(), reader, house.keys)
    worker = worker_of(house, ingest, reader, clock)
    yield Desk(house, Keeping(house.database, house.keys, clock), worker, clock)
    await reader.close()
