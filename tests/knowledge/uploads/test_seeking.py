"""What older gateways kept is looked through once: under the rules of today, or for every type where there are none any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gateway.assurance.erasure import Eraser
from gateway.assurance.subjects import subject
from gateway.errors import DetectionUnavailable, ProtectionUnavailable
from gateway.knowledge.erasure import KnowledgeErasure
from gateway.knowledge.rules import Rules
from gateway.knowledge.uploads.jobs import LEASE, ToSeek, is_idle, take_up
from gateway.obligations import EntityRules, OperatorKind
from gateway.store.tables.knowledge import CHUNKS, DOCUMENTS, FILE_MENTIONS, FILES
from tests.knowledge.conftest import RULES, House
from tests.knowledge.uploads.conftest import Desk

KEEPING = replace(RULES, entities=EntityRules(OperatorKind.PLACEHOLDER, {"PERSON": OperatorKind.KEEP}))


async def erase(house: House, value: str) -> int:
    eraser = Eraser(house.database, house.keyring, (KnowledgeErasure(house.database, house.keyring.tenant),))
    return (await eraser.erase(subject(house.keyring, "bank", [value]), "cli:test")).elsewhere


def no_rules(tenant: str) -> Rules:
    raise ProtectionUnavailable("Policy has no tenant of this name any more.")


def forgotten(house: House) -> None:
    """As an older gateway left it, right after the upgrade."""
    with house.database.writing() as connection:
        connection.execute(FILE_MENTIONS.delete())
        connection.execute(update(DOCUMENTS).values(unsought=""))


@pytest.fixture
async def old(desk: Desk, folder: Path) -> Desk:
    """A folder's document, and one of an upload that is gone, with a name in clear that nobody noted."""
    desk.worker._rules_of = lambda _: KEEPING
    (folder / "a.md").write_text("# One\n\nAnna Schmidt pays.\n\n# Two\n\nBen Weber pays.\n")
    await desk.house.add(folder, rules=KEEPING)
    await desk.store(await desk.upload("b.txt", "Anna Schmidt rests."))
    await desk.worker.work()
    with desk.house.database.writing() as connection:
        connection.execute(FILES.delete())
    forgotten(desk.house)
    return desk


@pytest.mark.parametrize("named", [True, False])
async def test_documents_are_looked_through_and_nothing_is_confirmed_before(old: Desk, named: bool) -> None:
    """Also those of a tenant that policy names no more."""
    house = old.house
    if not named:
        old.worker._rules_of, old.worker._seeking = no_rules, Rules.seeking_all
    with house.database.reading() as connection:
        ids = connection.execute(select(DOCUMENTS.c.id)).scalars().all()
    with pytest.raises(ProtectionUnavailable, match="whom the document kd_") as hindered:
        await erase(house, "Anna Schmidt")
    assert all(one in hindered.value.message for one in ids)
    chunks = house.rows(CHUNKS)
    assert len(await house.ask("Anna pays rests")) == chunks == 3  # meanwhile they are found as before
    await old.worker.work()
    assert (await erase(house, "Anna Schmidt"), house.rows(CHUNKS)) == (2, 1)
    assert [one.text for one in await house.ask("pays")] == ["Ben Weber pays."]
    with house.database.reading() as connection:
        assert is_idle(connection, old.clock.now + LEASE)


async def test_a_document_that_cannot_be_looked_through_holds_up_no_other(old: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    mentions = old.house.protection.mentions

    async def failing(tenant: str, texts: list[str], rules: Rules) -> object:
        if any("rests" in one for one in texts):
            raise DetectionUnavailable("detection took too long")
        return await mentions(tenant, texts, rules)

    monkeypatch.setattr(old.house.protection, "mentions", failing)
    await old.worker.work()
    with old.house.database.writing() as connection:
        (left,) = connection.execute(select(DOCUMENTS.c.id).where(DOCUMENTS.c.unsought.is_not(None))).scalars()
        assert take_up(connection, old.clock.now) is None
        assert take_up(connection, old.clock.now + LEASE) == ToSeek("bank", left)
    await old.house.library.remove("bank", [left])
    assert await erase(old.house, "Anna Schmidt") == 1


async def test_what_goes_while_it_is_looked_through_is_not_noted(old: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    mentions = old.house.protection.mentions

    async def slow(tenant: str, texts: list[str], rules: Rules) -> object:
        found = await mentions(tenant, texts, rules)
        await old.house.library.remove("bank", [one.id for one in await old.house.library.documents("bank")])
        return found

    monkeypatch.setattr(old.house.protection, "mentions", slow)
    await old.worker.work()
    assert old.house.rows(FILE_MENTIONS) == 0


async def test_a_document_that_is_added_again_is_not_looked_through(old: Desk, folder: Path) -> None:
    (folder / "a.md").write_text("Anna Schmidt pays.")
    await old.house.add(folder, rules=KEEPING)
    with old.house.database.reading() as connection:
        waiting = connection.execute(select(DOCUMENTS.c.id).where(DOCUMENTS.c.unsought.is_not(None))).all()
    assert (len(waiting), old.house.rows(FILE_MENTIONS)) == (1, 1)


async def test_files_of_a_tenant_that_policy_names_no_more_are_looked_through(desk: Desk) -> None:
    desk.worker._rules_of, desk.worker._seeking = no_rules, Rules.seeking_all
    await desk.upload("a.txt", "Anna Schmidt pays.")
    await desk.upload("b.txt", "alpha")
    await desk.worker.work()
    assert await erase(desk.house, "Anna Schmidt") == 1
    assert desk.house.rows(FILES) == 1


async def test_who_was_found_in_a_file_under_other_rules_is_found_still(desk: Desk) -> None:
    """By recognizers of the tenant's own, say, which nobody has any more."""
    file = await desk.upload("a.txt", "Anna Schmidt has badge 4711.")
    await desk.worker.work()
    owner = desk.house.keyring.tenant("bank")
    with desk.house.database.writing() as connection:
        connection.execute(FILE_MENTIONS.insert().values(tenant="bank", tag=owner.tag("4711"), file=file))
        connection.execute(update(FILES).values(status="uploaded"))
    await desk.worker.work()
    assert desk.house.rows(FILE_MENTIONS) == 2
    assert await erase(desk.house, "4711") == 1


async def test_what_is_over_goes_while_there_is_work_for_hours(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file takes a minute here."""
    mentioned, tidied, short = desk.house.protection.mentioned, list[int](), timedelta(seconds=90)
    await desk.upload("short.txt", "gamma", lasts=short)
    for at in range(3):
        await desk.upload(f"{at}.txt", "alpha")

    async def slow(tenant: str, texts: list[str], rules: Rules) -> frozenset[bytes]:
        desk.clock.now += timedelta(minutes=1)
        return await mentioned(tenant, texts, rules)

    async def tidy() -> None:
        tidied.append(desk.house.rows(FILES))

    monkeypatch.setattr(desk.house.protection, "mentioned", slow)
    desk.worker._tidy = tidy
    await desk.worker.work()
    assert tidied == [4, 4, 3, 3, 3]
