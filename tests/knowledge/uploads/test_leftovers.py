"""Of what is gone nothing stays behind: no tag of those who were named in it, however many files it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from gateway.knowledge.erasure import KnowledgeErasure
from gateway.knowledge.uploads.files import NewFile, add_file, drop_files
from gateway.knowledge.uploads.store_files import describe_file, place_file, take_out
from gateway.knowledge.uploads.words import note
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import FILE_MENTIONS, FILES, STORE_FILES
from tests.knowledge.uploads.conftest import Desk

TAG = b"t" * 32


@pytest.mark.parametrize("goes", ["deleted", "over"])
async def test_tags_of_a_file_that_waits_for_its_store_go_with_it(desk: Desk, goes: str) -> None:
    """A store keeps what became of a file. Of one that became nothing it keeps nothing."""
    file, store, now = await desk.upload("one.md", "alpha", lasts=timedelta(hours=2)), await desk.store(), desk.clock.now
    await desk.keeping.write(
        "bank", lambda connection, owner: place_file(connection, owner, store, {file: {"by": "Anna"}}, None, now)
    )
    await desk.keeping.write("bank", lambda connection, owner: note(connection, owner.tenant, f"{store}/{file}", [TAG]))
    assert desk.house.rows(FILE_MENTIONS) == 1
    if goes == "deleted":
        await desk.keeping.write("bank", lambda connection, _: drop_files(connection, FILES.c.id == file))
    else:
        desk.clock.now += timedelta(hours=3)
        await desk.worker.work()
    assert desk.house.rows(FILES) == desk.house.rows(STORE_FILES) == desk.house.rows(FILE_MENTIONS) == 0


async def test_a_file_that_is_gone_is_not_described(desk: Desk) -> None:
    file, now = await desk.upload("one.md", "alpha"), desk.clock.now
    store = await desk.store(file)
    await desk.keeping.write("bank", lambda connection, owner: take_out(connection, owner, store, file, now))
    said = {"by": "Anna"}
    assert not await desk.keeping.write("bank", lambda connection, owner: describe_file(connection, owner, store, file, said))


async def test_any_number_of_files_goes_at_once(desk: Desk) -> None:
    """Databases take so many values in one statement and no more: here it is few."""
    house = desk.house
    new = NewFile(owner="app", name="a.md", content=b"alpha", purpose="assistants", expires_at=None)
    await desk.keeping.write(
        "bank", lambda connection, owner: [add_file(connection, owner, new, desk.clock.now) for _ in range(1_200)]
    )
    most = 0

    def counted(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        nonlocal most
        most = max(most, len(parameters) if isinstance(parameters, tuple | dict) else 0)

    event.listen(house.database.engine, "before_cursor_execute", counted)
    try:
        assert await KnowledgeErasure(house.database, house.keyring.tenant).erase("bank", None) == 1_200
    finally:
        event.remove(house.database.engine, "before_cursor_execute", counted)
    assert house.rows(FILES) == house.rows(DATA_KEYS) == 0
    assert 0 < most <= 1_000
