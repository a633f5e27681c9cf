"""Placeholders of documents last as long as a document holds their values: not shorter, where another is removed meanwhile, and
not longer, where the document is not kept after all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.errors import ProtectionUnavailable
from gateway.grounding.opened import keys_in
from gateway.knowledge.embedding import Vector
from gateway.knowledge.ingest import Ingest, Target, found
from gateway.knowledge.reading import Reader
from gateway.knowledge.release import is_lasting
from gateway.store.tables.knowledge import DOCUMENTS
from gateway.store.tables.vault import VAULT
from gateway.vault.drawer import drawer_of
from gateway.vault.removal import VaultErasure, expire
from gateway.vault.vault import Vault
from tests.knowledge.conftest import RULES, House, WordsInABag

TARGET = Target(tenant="bank", collection="default", labels=frozenset(), rules=RULES)


class Slow(WordsInABag):
    """Makes vectors when it is let, and fails where it is told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self._fails = fails

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.begun.set()
        await self.go_on.wait()
        if self._fails:
            raise ProtectionUnavailable("No vectors.")
        return await super().passages(texts)


async def adding(house: House, path: Path, embedder: Slow) -> None:
    async with Reader() as reader:
        ingest = Ingest(house.library, house.protection, embedder, reader, house.keys)
        for named, files in found([str(path)]):
            await ingest.add(TARGET, named, files, lambda _: None)


def lasting(house: House) -> int:
    """How many values the vault keeps for documents."""
    with house.database.reading() as connection:
        own = select(func.count()).select_from(VAULT).where(is_lasting(datetime.now(UTC)))
        return int(connection.execute(own).scalar_one())


async def test_a_value_lasts_whose_other_document_goes_while_this_one_is_added(house: House, folder: Path) -> None:
    (folder / "old.md").write_text("Anna Schmidt pays.")
    (folder / "new.md").write_text("Anna Schmidt rests, and so does Ben Weber.")
    await house.add(folder / "old.md")
    (old,) = await house.library.documents("bank")
    slow = Slow()
    task = asyncio.create_task(adding(house, folder / "new.md", slow))
    await slow.begun.wait()
    await house.library.remove("bank", [old.id])
    slow.go_on.set()
    await task
    (passage,) = await house.ask("rests")
    assert passage.text == "<PERSON_1> rests, and so does <PERSON_2>."
    with closing(Vault(house.database, house.keys, budget_s=20.0)) as vault:
        drawer = drawer_of(await house.keys.of("bank"), "tenant")
        values = await vault.recall(drawer, {("PERSON", 1), ("PERSON", 2)})
    assert values == {("PERSON", 1): "Anna Schmidt", ("PERSON", 2): "Ben Weber"}
    assert lasting(house) == 2


@pytest.mark.parametrize("gone", ["expired", "erased"])
async def test_a_document_whose_value_goes_while_it_is_added_is_refused_and_can_be_added_again(
    house: House, folder: Path, gone: str
) -> None:
    (folder / "new.md").write_text("Anna Schmidt rests.")
    slow = Slow()
    task = asyncio.create_task(adding(house, folder / "new.md", slow))
    await slow.begun.wait()
    if gone == "erased":
        owner = await house.keys.of("bank")
        await VaultErasure(house.database).erase("bank", {owner.tag("Anna Schmidt")})
    else:
        expire(house.database, datetime.now(UTC) + timedelta(days=51 * 365))
    slow.go_on.set()
    with pytest.raises(ProtectionUnavailable, match="add it again"):
        await task
    assert house.rows(DOCUMENTS) == 0
    assert (await house.add(folder / "new.md")).added == 1
    (passage,) = await house.ask("rests")
    (key,) = keys_in([passage.text])
    with closing(Vault(house.database, house.keys, budget_s=20.0)) as vault:
        drawer = drawer_of(await house.keys.of("bank"), "tenant")
        assert await vault.recall(drawer, {key}) == {key: "Anna Schmidt"}


@pytest.mark.parametrize("why", ["blocked", "no vectors", "given up"])
async def test_nothing_lasts_of_a_document_that_is_not_kept(house: House, folder: Path, why: str) -> None:
    paragraphs = ["Anna Schmidt pays. " * 1_200, "The key is sk-abcdefabcdef12." if why == "blocked" else "No key."]
    (folder / "one.md").write_text("\n\n".join(paragraphs))
    slow = Slow(fails=why == "no vectors")
    task: asyncio.Task[Any] = asyncio.create_task(adding(house, folder / "one.md", slow))
    if why != "blocked":
        await slow.begun.wait()
    if why == "given up":
        task.cancel()
    slow.go_on.set()
    await asyncio.gather(task, return_exceptions=True)
    assert house.rows(DOCUMENTS) == 0
    assert lasting(house) == 0
