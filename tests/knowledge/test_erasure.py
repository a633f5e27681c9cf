"""A person who is erased is in no chunk any more, and a removed document keeps nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import select

from gateway.assurance.erasure import Eraser
from gateway.assurance.subjects import subject
from gateway.errors import KeyDestroyed
from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.erasure import KnowledgeErasure
from gateway.knowledge.library import Question
from gateway.moments import written
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, DOCUMENTS, MENTIONS, POSTINGS, SHELVES
from gateway.store.tables.vault import VAULT
from gateway.vault.removal import VaultErasure
from tests.knowledge.conftest import House, WordsInABag


def eraser(house: House) -> Eraser:
    return Eraser(
        house.database, house.keyring, (VaultErasure(house.database), KnowledgeErasure(house.database, house.keyring.tenant))
    )


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


async def test_memory_lets_go_of_what_another_process_erased(filled: House) -> None:
    """Vectors tell much of a text: those that are opened go too, though nobody searches for them any more."""
    assert len(await filled.ask("who pays")) == 2
    assert [len(one) for one in _opened(filled)] == [2]
    await eraser(filled).erase(subject(filled.keyring, "bank", ["Anna Schmidt"]), "cli:test")
    await filled.library.tidy()
    assert [len(one) for one in _opened(filled)] == [1]
    assert [one.text for one in await filled.ask("who pays")] == ["<PERSON_2> pays."]
    await eraser(filled).erase_tenant("bank", "cli:test")
    await filled.library.tidy()
    assert _opened(filled) == []


async def test_a_shelf_that_has_an_erased_ones_number_is_another(house: House, folder: Path) -> None:
    """SQLite gives the number to whoever is next; nobody has tidied meanwhile."""
    (folder / "a.txt").write_text("alpha beta")
    await house.add(folder)
    assert await house.ask("alpha")
    await eraser(house).erase_tenant("bank", "cli:test")
    await house.add(folder, tenant="rival")
    only_meaning = DatabaseLibrary(house.database, house.keys, WordsInABag(), words=False, threshold=None)
    only_meaning._meanings = house.library._meanings
    assert await only_meaning.search(Question("rival", frozenset(), "alpha beta", 5))


def _opened(house: House) -> list[npt.NDArray[np.int64]]:
    return [place.opened.ids for place in house.library._meanings._places.values() if place.opened is not None]


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
