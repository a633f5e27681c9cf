"""A person who is erased is in no chunk any more, and a removed document keeps nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.assurance.erasure import Eraser
from gateway.assurance.subjects import subject
from gateway.errors import KeyDestroyed
from gateway.knowledge.erasure import KnowledgeErasure
from gateway.moments import written
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, DOCUMENTS, MENTIONS, POSTINGS, SHELVES
from gateway.store.tables.vault import VAULT
from gateway.vault.removal import VaultErasure
from tests.knowledge.conftest import House


def eraser(house: House) -> Eraser:
    return Eraser(house.database, house.keyring, (VaultErasure(house.database), KnowledgeErasure(house.database)))


@pytest.fixture
async def filled(house: House, folder: Path) -> House:
    (folder / "a.md").write_text("# One\n\nAnna Schmidt pays.\n\n# Two\n\nBen Weber pays.\n")
    await house.add(folder)
    return house


async def test_a_person(filled: House) -> None:
    assert len(await filled.ask("who pays")) == 2
    erased = await eraser(filled).erase(subject(filled.keyring, "bank", ["ANNA  SCHMIDT"]), "cli:test")
    assert erased.elsewhere == 2  # a placeholder and a chunk
    (left,) = await filled.ask("who pays")
    assert left.text == "<PERSON_2> pays."
    assert filled.rows(CHUNKS) == filled.rows(MENTIONS) == 1
    with filled.database.reading() as connection:
        assert connection.execute(select(SHELVES.c.chunks)).scalar() == 1


async def test_a_whole_tenant(filled: House) -> None:
    await eraser(filled).erase_tenant("bank", "cli:test")
    for table in (SHELVES, DOCUMENTS, CHUNKS, POSTINGS, MENTIONS, VAULT):
        assert filled.rows(table) == 0
    filled.keys.forget("bank")
    with pytest.raises(KeyDestroyed):
        await filled.ask("who pays")


async def test_values_of_a_removed_document_are_let_go(filled: House, folder: Path) -> None:
    """They last as long as the document; one that is in another document lasts on."""
    (folder / "b.md").write_text("Ben Weber rests.\n")
    await filled.add(folder)
    soon = written(datetime.now(UTC) + timedelta(minutes=1))
    documents = await filled.library.documents("bank")
    assert len(documents) == 2
    first = next(one.id for one in documents if one.place.endswith("a.md"))
    await filled.library.remove("bank", [first])
    with filled.database.reading() as connection:
        ends = connection.execute(select(VAULT.c.number, VAULT.c.expires_at).order_by(VAULT.c.number)).all()
    assert [end < soon for _, end in ends] == [True, False]


async def test_nobody_removes_what_is_another_tenants(filled: House) -> None:
    (document,) = await filled.library.documents("bank")
    assert await filled.library.remove("other", [document.id]) == 0
    assert filled.rows(DOCUMENTS) == 1


async def test_keys_go_with_what_they_open(filled: House) -> None:
    (document,) = await filled.library.documents("bank")
    before = filled.rows(DATA_KEYS)
    assert await filled.library.remove("bank", [document.id]) == 1
    assert filled.rows(DATA_KEYS) == before - 3
