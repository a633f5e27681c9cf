"""Whoever is erased is gone from uploaded files; what is over goes by itself."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from gateway.assurance.erasure import Eraser
from gateway.assurance.subjects import subject
from gateway.errors import DetectionUnavailable, ProtectionUnavailable
from gateway.grounding.origins import Origins
from gateway.keys.data_key import TenantKey
from gateway.knowledge.erasure import KnowledgeErasure
from gateway.knowledge.rules import Rules
from gateway.knowledge.uploads.files import content_of, files, find_file
from gateway.knowledge.uploads.jobs import LEASE, ToScan, due_stores, take_up
from gateway.knowledge.uploads.shapes import FileStatus, Named, Status
from gateway.knowledge.uploads.store_files import cancel_batch, describe_file, place_file, store_files, take_out
from gateway.knowledge.uploads.stores import change_store
from gateway.knowledge.uploads.words import note
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, DOCUMENTS, FILE_MENTIONS, FILES, STORE_FILES, STORES
from tests.knowledge.conftest import RULES
from tests.knowledge.uploads.conftest import Desk


async def test_a_person_is_gone_from_files_in_stores_and_beside_them(desk: Desk) -> None:
    one = await desk.upload("one.md", "# A\n\nAnna Schmidt pays.\n\n# B\n\nBen Weber pays.\n")
    beside = await desk.upload("ANNA SCHMIDT.txt".title(), "nothing about her")
    other = await desk.upload("other.txt", "Ben Weber rests.")
    store = await desk.store(one)
    await desk.worker.work()
    house = desk.house
    assert (await desk.told(store)).counts == {Status.COMPLETED: 1}
    erased = await Eraser(house.database, house.keyring, (KnowledgeErasure(house.database, house.keyring.tenant),)).erase(
        subject(house.keyring, "bank", ["anna schmidt"]), "cli:test"
    )
    assert erased.elsewhere == 3  # two files and a chunk
    left = await desk.keeping.read("bank", lambda connection, owner: files(connection, owner, "app", desk.clock.now))
    assert [(file.id, file.status) for file in left] == [(other, FileStatus.PROCESSED)]
    assert await desk.keeping.read("bank", lambda connection, owner: content_of(connection, owner, one)) is None
    assert [passage.text for passage in await house.ask("pays")] == ["<PERSON_2> pays."]
    assert beside


@pytest.mark.parametrize("name", ["anna_schmidt.md", "Anna-Schmidt (old).md", "Lebenslauf Carl Maier.md"])
async def test_a_person_in_a_name_that_nobody_recognised(desk: Desk, name: str) -> None:
    """Of the file, and of what it became in a store, whose text stays."""
    house = desk.house
    store = await desk.store(await desk.upload(name, "# Leave\n\nalpha"), await desk.upload("other.md", "# Rest\n\nalpha"))
    await desk.worker.work()
    whom = subject(house.keyring, "bank", ["Anna Schmidt", "Carl Maier"])
    erased = await Eraser(house.database, house.keyring, (KnowledgeErasure(house.database, house.keyring.tenant),)).erase(
        whom, "cli:test"
    )
    assert erased.elsewhere == 2
    left = await desk.keeping.read("bank", lambda connection, owner: files(connection, owner, "app", desk.clock.now))
    assert [file.name for file in left] == ["other.md"]
    assert sorted((one.title, one.place) for one in await house.library.documents("bank")) == [
        ("Leave", ""),
        ("Rest", "other.md"),
    ]
    assert (await desk.told(store)).counts == {Status.COMPLETED: 2}


async def test_a_whole_tenant(desk: Desk) -> None:
    await desk.store(await desk.upload("one.md", "Anna Schmidt pays."))
    await desk.worker.work()
    house = desk.house
    await KnowledgeErasure(house.database, house.keyring.tenant).erase("bank", None)
    for table in (FILES, FILE_MENTIONS, STORES, STORE_FILES, DOCUMENTS, CHUNKS):
        assert house.rows(table) == 0
    assert house.rows(DATA_KEYS) == 1  # of the placeholder, which the vault erases


async def test_what_policy_blocks_fails_and_says_so(desk: Desk) -> None:
    store = await desk.store(await desk.upload("key.txt", "It is sk-abcdefabcdef12."))
    await desk.worker.work()
    (failed,) = await desk.keeping.read("bank", lambda connection, owner: store_files(connection, owner, store))
    assert (failed.status, failed.error) == (
        Status.FAILED,
        ("invalid_file", "This file was refused: holds what policy blocks."),
    )
    assert desk.house.rows(DOCUMENTS) == 0


async def test_what_is_over_goes(desk: Desk) -> None:
    file = await desk.upload("short.txt", "alpha", lasts=timedelta(hours=2))
    store = await desk.store(file, days=3)
    await desk.worker.work()
    desk.clock.now += timedelta(hours=3)
    assert await desk.keeping.read("bank", lambda connection, owner: find_file(connection, owner, file, desk.clock.now)) is None
    await desk.worker.work()
    assert desk.house.rows(FILES) == 0
    assert len(await desk.house.ask("alpha")) == 1  # the store lasts longer
    desk.clock.now += timedelta(days=3)
    assert (await desk.told(store)).expired(desk.clock.now)
    await desk.worker.work()
    assert await desk.house.ask("alpha") == ()


async def test_a_job_is_one_gateways_until_it_is_given_up(desk: Desk) -> None:
    await desk.upload("one.txt", "alpha")

    def taken() -> bool:
        with desk.house.database.writing() as connection:
            return take_up(connection, desk.clock.now) is not None

    assert [await asyncio.to_thread(taken) for _ in range(2)] == [True, False]
    desk.clock.now += LEASE
    assert await asyncio.to_thread(taken)


async def test_trouble_with_one_file_holds_up_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = await desk.upload("one.txt", "alpha"), await desk.upload("two.txt", "beta")
    mentioned = desk.house.protection.mentioned

    async def failing(tenant: str, texts: Sequence[str], rules: Rules) -> frozenset[bytes]:
        if "alpha" in texts:
            raise DetectionUnavailable("detection took too long")
        return await mentioned(tenant, texts, rules)

    monkeypatch.setattr(desk.house.protection, "mentioned", failing)
    await desk.worker.work()
    uploads = await desk.keeping.read("bank", lambda connection, owner: files(connection, owner, "app", desk.clock.now))
    assert {one.id: one.status for one in uploads} == {first: FileStatus.UPLOADED, second: FileStatus.PROCESSED}
    desk.clock.now += LEASE
    third = await desk.upload("three.txt", "gamma")
    with desk.house.database.writing() as connection:
        turns = [take_up(connection, desk.clock.now) for _ in range(2)]
    assert turns == [ToScan("bank", third), ToScan("bank", first)]


async def test_whoever_stands_beside_bytes_is_found_and_nothing_is_confirmed_before(desk: Desk) -> None:
    bytes_in_base64 = b64encode(bytes(range(256)) * 5).decode()
    file = await desk.upload("cert.md", f"Anna Schmidt keeps this.\n\n{bytes_in_base64}\n")
    places = (KnowledgeErasure(desk.house.database, desk.house.keyring.tenant),)
    eraser = Eraser(desk.house.database, desk.house.keyring, places)
    whom = subject(desk.house.keyring, "bank", ["Anna Schmidt"])
    with pytest.raises(ProtectionUnavailable, match=f"whom uploaded {file} may mention"):
        await eraser.erase(whom, "cli:test")
    await desk.worker.work()
    assert (await eraser.erase(whom, "cli:test")).elsewhere == 1
    assert desk.house.rows(FILES) == 0


async def test_an_erasure_names_the_files_that_hinder_it(desk: Desk) -> None:
    ids = [await desk.upload(f"{at}.txt", "alpha") for at in range(12)]
    erasure = KnowledgeErasure(desk.house.database, desk.house.keyring.tenant)
    with pytest.raises(ProtectionUnavailable) as hindered:
        await erasure.erase("bank", {b"x"})
    named = [file for file in ids if file in hindered.value.message]
    assert len(named) == 10
    assert "and 2 more uploaded files" in hindered.value.message
    assert ".txt" not in hindered.value.message
    await desk.worker.work()
    assert await erasure.erase("bank", {b"x"}) == 0


async def test_what_is_taken_out_while_it_is_read_does_not_stay(desk: Desk) -> None:
    file = await desk.upload("one.txt", "alpha")
    store = await desk.store(file)
    put = desk.house.library.put

    async def slow(document: object) -> str:
        await desk.keeping.write("bank", lambda connection, owner: take_out(connection, owner, store, file, desk.clock.now))
        return await put(document)  # type: ignore[arg-type]

    desk.house.library.put = slow  # type: ignore[method-assign]
    await desk.worker.work()
    assert desk.house.rows(DOCUMENTS) == desk.house.rows(STORE_FILES) == 0


async def test_what_a_gateway_left_half_done_goes_with_its_file(desk: Desk) -> None:
    """It stopped between shelving the document and noting that; another file is gone while it is put in."""
    file, now = await desk.upload("a.md", "alpha beta"), desk.clock.now
    store = await desk.store(file, "file-" + "0" * 24)
    worker, put = desk.worker, desk.worker._completed
    worker._completed = lambda *_: None  # type: ignore[method-assign]
    await worker.work()
    worker._completed = put  # type: ignore[method-assign]
    assert len(await desk.house.ask("alpha")) == 1
    await desk.keeping.write("bank", lambda connection, owner: take_out(connection, owner, store, file, now))
    assert await desk.house.ask("alpha") == ()
    assert (await desk.told(store)).counts == {Status.FAILED: 1}


async def test_a_cancelled_batch_leaves_nothing_that_a_gateway_left_half_done(desk: Desk) -> None:
    """It stopped between shelving the document and noting that; then the batch was cancelled."""
    file, now = await desk.upload("a.md", "alpha beta"), desk.clock.now
    store = await desk.store()
    await desk.keeping.write("bank", lambda connection, owner: place_file(connection, owner, store, {file: {}}, "vsfb_1", now))
    desk.worker._completed = lambda *_: None  # type: ignore[method-assign]
    await desk.worker.work()
    assert len(await desk.house.ask("alpha")) == 1
    await desk.keeping.write("bank", lambda connection, owner: cancel_batch(connection, owner, "vsfb_1", now))
    assert await desk.house.ask("alpha") == ()
    assert (await desk.told(store)).counts == {Status.CANCELLED: 1}


async def test_who_is_erased_is_gone_from_what_is_said_of_stores_and_files(desk: Desk) -> None:
    """Of one that names them too, nothing else goes."""
    house, now = desk.house, desk.clock.now
    file = await desk.upload("a.md", "alpha")
    named, other = await desk.store(file), await desk.store(file)
    await desk.worker.work()
    tags = await house.protection.mentioned("bank", ["Cases of Anna Schmidt"], RULES)
    before = house.rows(DATA_KEYS)

    def told(connection: Connection, owner: TenantKey) -> None:
        labels = Named(name="Cases of Anna Schmidt", metadata={"by": "Anna Schmidt"})
        change_store(connection, owner, named, labels, None, now)
        note(connection, "bank", named, tags)
        describe_file(connection, owner, named, file, {"year": 2026})
        describe_file(connection, owner, other, file, {"who": "Anna Schmidt"})
        note(connection, "bank", f"{other}/{file}", tags)

    await desk.keeping.write("bank", told)
    places = (KnowledgeErasure(house.database, house.keyring.tenant),)
    whom = subject(house.keyring, "bank", ["Anna Schmidt"])
    assert (await Eraser(house.database, house.keyring, places).erase(whom, "cli:test")).elsewhere == 2
    assert [(await desk.told(one)).named for one in (named, other)] == [Named(), Named(name="s")]
    inside = [await desk.keeping.read("bank", lambda c, owner, s=s: store_files(c, owner, s)) for s in (named, other)]  # type: ignore[misc]
    assert [one.attributes for (one,) in inside] == [{"year": 2026}, {}]
    assert (house.rows(FILE_MENTIONS), house.rows(DATA_KEYS)) == (0, before)


async def test_who_is_named_in_what_is_said_of_stores_is_found_though_nobody_noted_it(desk: Desk) -> None:
    """An older gateway did not look for types that policy keeps."""
    house, now = desk.house, desk.clock.now
    file = await desk.upload("a.md", "alpha")
    named, beside, other = await desk.store(file), await desk.store(file), await desk.store(file)

    def told(connection: Connection, owner: TenantKey) -> None:
        words = Named(description="Cases of Carl Maier", metadata={"labels": "Carl Maier"})
        change_store(connection, owner, named, words, None, now)
        describe_file(connection, owner, beside, file, {"who": "carl_maier"})
        describe_file(connection, owner, other, file, {"who": "Carl Maierhof", "year": 2026})

    await desk.keeping.write("bank", told)
    await desk.worker.work()
    erasure, tags = KnowledgeErasure(house.database, house.keyring.tenant), subject(house.keyring, "bank", ["Carl Maier"]).tags
    assert [await erasure.erase("bank", tags) for _ in range(2)] == [2, 0]
    assert [(await desk.told(one)).named for one in (named, beside)] == [Named(), Named(name="s")]
    inside = [await desk.keeping.read("bank", lambda c, owner, s=s: store_files(c, owner, s)) for s in (beside, other)]  # type: ignore[misc]
    assert [one.attributes for (one,) in inside] == [{}, {"who": "Carl Maierhof", "year": 2026}]


@pytest.mark.parametrize("how", ["changed", "added to"])
async def test_nothing_comes_back_of_a_store_whose_time_is_over(desk: Desk, how: str) -> None:
    """Before anybody has come to clear it."""
    file, later = await desk.upload("k.md", "Anna Schmidt keeps the kitchen."), await desk.upload("l.md", "It is cold.")
    store, origins = await desk.store(file, days=3), Origins(desk.house.database, desk.clock)
    await desk.worker.work()
    with desk.house.database.reading() as connection:
        documents = connection.execute(select(DOCUMENTS.c.id)).scalars().all()
    assert len(await origins.of("bank", documents)) == 1
    desk.clock.now += timedelta(days=3)
    assert await origins.of("bank", documents) == {}
    assert (await desk.told(store)).said(desk.clock.now) == Named()

    def work(connection: Connection, owner: TenantKey) -> None:
        if how == "changed":
            change_store(connection, owner, store, Named(name="new"), 3, desk.clock.now)
        else:
            place_file(connection, owner, store, {later: {}}, None, desk.clock.now)

    await desk.keeping.write("bank", work)
    assert (desk.house.rows(DOCUMENTS), desk.house.rows(CHUNKS)) == (0, 0)
    assert (await desk.told(store)).named == Named(name="new" if how == "changed" else "")


async def test_a_store_whose_time_is_over_keeps_no_words_about_itself(desk: Desk) -> None:
    store = await desk.store(days=3)
    desk.clock.now += timedelta(days=3)
    await desk.worker.work()
    assert (await desk.told(store)).named == Named()
    with desk.house.database.reading() as connection:
        assert due_stores(connection, desk.clock.now) == []
