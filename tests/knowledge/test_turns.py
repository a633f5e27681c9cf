"""Searches of one tenant take few threads, so that others find one; what takes no thread waits for none."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.embedding import Vector
from gateway.knowledge.library import Question
from tests.knowledge.conftest import House, WordsInABag

MANY = 12


def question(tenant: str) -> Question:
    return Question(tenant, frozenset(), "who rests", 5)


class Remote(WordsInABag):
    """Answers when all have asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.all_asked = asyncio.Event()

    async def question(self, text: str) -> Vector:
        self.asked += 1
        if self.asked == MANY:
            self.all_asked.set()
        await self.all_asked.wait()
        return await super().question(text)


async def test_questions_of_one_tenant_do_not_wait_for_each_others_vectors(house: House, folder: Path) -> None:
    (folder / "one.md").write_text("Somebody rests.")
    await house.add(folder / "one.md")
    library = DatabaseLibrary(house.database, house.keys, Remote(), threshold=None)
    async with asyncio.timeout(30):
        found = await asyncio.gather(*(library.search(question("bank")) for _ in range(MANY)))
    assert {len(passages) for passages in found} == {1}


async def test_searches_that_were_given_up_leave_threads_to_other_tenants(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()
    searched = DatabaseLibrary._search

    def slow(self: DatabaseLibrary, key: Any, asked: Question, vector: Vector) -> Any:
        if asked.tenant == "bank":
            begun.release()
            assert go_on.wait(60)
        return searched(self, key, asked, vector)

    monkeypatch.setattr(DatabaseLibrary, "_search", slow)
    try:
        for _ in range(MANY):
            given_up = asyncio.create_task(house.library.search(question("bank")))
            await asyncio.to_thread(begun.acquire, timeout=0.1)
            given_up.cancel()
            await asyncio.gather(given_up, return_exceptions=True)
        async with asyncio.timeout(30):
            assert await house.library.search(question("shop")) == ()
    finally:
        go_on.set()
    async with asyncio.timeout(30):
        assert await house.library.search(question("bank")) == ()
