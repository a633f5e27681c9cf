"""A person who is erased is in no chunk any more, and a removed document keeps nobody."""

from __future__ import annotations

from dataclasses import replace
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
from gateway.obligations import EntityRules, OperatorKind
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, DOCUMENTS, MENTIONS, POSTINGS, SHELVES
from gateway.store.tables.vault import VAULT
from gateway.vault.removal import VaultErasure
from tests.knowledge.conftest import RULES, House, WordsInABag


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


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Anna Schmidt.txt", "Anna Schmidt"),
        ("anna_schmidt/notes.txt", "Anna Schmidt"),
        ("cases/2026-03 ANNA-SCHMIDT (final).txt", "Anna Schmidt"),
        ("anna@example.com.txt", "Anna@Example.com"),
        ("人事/关于王小明的辞退.txt", "王小明"),
    ],
)
async def test_a_person_in_a_path(house: House, folder: Path, path: str, value: str) -> None:
    """Whether or not anybody recognised them there. The document is known again, and does not come back."""
    for name in (path, "other.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("Ben Weber pays.")
    await house.add(folder)
    before = house.rows(DATA_KEYS)
    with house.database.reading() as connection:
        keys = set(connection.execute(select(DOCUMENTS.c.key_id)).scalars())
    assert (await eraser(house).erase(subject(house.keyring, "bank", [value]), "cli:test")).elsewhere > 0
    assert sorted(bool(one.place) for one in await house.library.documents("bank")) == [False, True]
    assert any(one.place.endswith("other.txt") for one in await house.library.documents("bank"))
    with house.database.reading() as connection:
        assert len(keys & set(connection.execute(select(DATA_KEYS.c.id)).scalars())) == 1  # what opened the path is gone
    assert house.rows(DATA_KEYS) <= before
    assert (await house.add(folder)).unchanged == 2
    assert sorted(bool(one.place) for one in await house.library.documents("bank")) == [False, True]
    again = KnowledgeErasure(house.database, house.keyring.tenant)
    assert await again.erase("bank", subject(house.keyring, "bank", [value]).tags) == 0


async def test_a_person_in_a_title_that_nobody_recognised(house: House, folder: Path) -> None:
    """Every chunk has the title of its document."""
    for name in ("carl_maier.txt", "other.txt"):
        (folder / name).write_text("alpha\n\n" + "beta " * 300)
    await house.add(folder)
    chunks = house.rows(CHUNKS)
    erased = await eraser(house).erase(subject(house.keyring, "bank", ["Carl Maier"]), "cli:test")
    assert erased.elsewhere == 1 + chunks / 2
    left = {one.title: (bool(one.place), one.chunks) for one in await house.library.documents("bank")}
    assert left == {"": (False, 0), "other": (True, chunks / 2)}


async def test_paths_are_looked_through_in_batches(house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.knowledge.erasure._BATCH", 2)
    for nr in range(5):
        (folder / f"{nr} Anna Schmidt.txt").write_text("alpha")
    await house.add(folder)
    await eraser(house).erase(subject(house.keyring, "bank", ["Anna Schmidt"]), "cli:test")
    assert [one.place for one in await house.library.documents("bank")] == [""] * 5


KEEPING = replace(RULES, entities=EntityRules(OperatorKind.PLACEHOLDER, {"PERSON": OperatorKind.KEEP}))


async def test_a_person_whose_type_policy_keeps(house: House, folder: Path) -> None:
    """In what only is looked through, and in chunks, which hold the name as it is."""
    tags = await house.protection.mentioned("bank", ["Anna Schmidt pays, anna@example.com too"], KEEPING)
    assert tags == {house.keyring.tenant("bank").tag(one) for one in ("Anna Schmidt", "anna@example.com")}
    (folder / "a.md").write_text("# One\n\nAnna Schmidt pays.\n\n# Two\n\nBen Weber pays.\n")
    await house.add(folder, rules=KEEPING)
    assert sorted(one.text for one in await house.ask("pays")) == ["Anna Schmidt pays.", "Ben Weber pays."]
    await eraser(house).erase(subject(house.keyring, "bank", ["Anna Schmidt"]), "cli:test")
    assert [one.text for one in await house.ask("pays")] == ["Ben Weber pays."]


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


async def test_values_of_an_erased_chunk_are_let_go(house: House, folder: Path) -> None:
    """Those of others in it: no document has them any more."""
    (folder / "a.md").write_text("# One\n\nAnna Schmidt pays Ben Weber.\n\n# Two\n\n李娜 pays.\n")
    await house.add(folder)
    soon = written(datetime.now(UTC) + timedelta(minutes=1))
    await eraser(house).erase(subject(house.keyring, "bank", ["Anna Schmidt"]), "cli:test")
    with house.database.reading() as connection:
        ends = connection.execute(select(VAULT.c.number, VAULT.c.expires_at).order_by(VAULT.c.number)).all()
    assert [(number, end < soon) for number, end in ends] == [(2, True), (3, False)]


async def test_nobody_removes_what_is_another_tenants(filled: House) -> None:
    (document,) = await filled.library.documents("bank")
    assert await filled.library.remove("other", [document.id]) == 0
    assert filled.rows(DOCUMENTS) == 1


async def test_keys_go_with_what_they_open(filled: House) -> None:
    (document,) = await filled.library.documents("bank")
    before = filled.rows(DATA_KEYS)
    assert await filled.library.remove("bank", [document.id]) == 1
    assert filled.rows(DATA_KEYS) == before - 3
