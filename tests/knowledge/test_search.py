"""Words and meaning, fused; and the model itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection

from gateway.keys.data_key import TenantKey
from gateway.knowledge import meaning
from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.embedding import E5, Vector
from gateway.knowledge.fit import MEASURED, Evidence, Threshold
from gateway.knowledge.library import Library, Question
from tests.knowledge.conftest import House, WordsInABag


def test_words_and_meaning_are_added() -> None:
    assert Evidence(0.8, 1.0).score == pytest.approx(0.85)
    assert Evidence(0.84, 0.0).score < Evidence(0.8, 1.0).score < Evidence(0.86, 0.0).score


@pytest.mark.parametrize(
    ("question", "passage", "cosine", "share", "fits"),
    [
        ("holiday", "days off", 0.82, 0.0, True),
        ("holiday", "days off", 0.80, 0.0, False),
        ("年假", "休假的规定", 0.82, 0.0, False),
        ("年假", "休假的规定", 0.88, 0.0, True),
        ("年假", "days off", 0.78, 0.0, True),
        ("holiday", "休假的规定", 0.76, 0.0, False),
        ("E14", "shows E14", 0.70, 1.0, True),
    ],
)
def test_one_sign_is_enough_to_fit(question: str, passage: str, cosine: float, share: float, *, fits: bool) -> None:
    assert MEASURED.admits(question, [(passage, Evidence(cosine, share))]) is fits


async def test_nothing_is_given_where_nothing_fits(house: House, folder: Path) -> None:
    (folder / "a.txt").write_text("alpha beta gamma")
    (folder / "b.txt").write_text("delta epsilon")
    await house.add(folder)
    wanting = Threshold(narrow=2.0, wide=2.0, across=2.0, share=0.4)
    library = DatabaseLibrary(house.database, house.keys, WordsInABag(), threshold=wanting)
    asked = Question("bank", frozenset(), "alpha beta zeta", 1)
    (found,) = await library.search(asked)
    assert found.text == "alpha beta gamma"
    assert len(await library.search(replace(asked, limit=2))) == 2  # beside one that fits
    assert await library.search(replace(asked, text="alpha eta theta zeta")) == ()


@pytest.mark.parametrize("by", ["words", "meaning", "both"])
async def test_some_documents_alone_are_searched_also_behind_many_better_ones(house: House, folder: Path, by: str) -> None:
    for number in range(120):
        (folder / f"{number}.txt").write_text("alpha beta")
    (folder / "last.txt").write_text("alpha gamma delta")
    await house.add(folder)
    library = DatabaseLibrary(
        house.database, house.keys, WordsInABag(), threshold=None, words=by != "meaning", meaning=by != "words"
    )
    ids = {one.title: one.id for one in await library.documents("bank")}
    asked = Question("bank", frozenset(), "alpha beta", 5)
    some = await library.search(replace(asked, documents=frozenset({ids["last"], ids["7"]})))
    assert [one.document for one in some] == [ids["7"], ids["last"]]
    assert await library.search(replace(asked, documents=frozenset())) == ()
    elsewhere = replace(asked, collections=frozenset({"other"}), documents=frozenset({ids["7"]}))
    assert await library.search(elsewhere) == ()


async def test_the_rarer_word_and_the_shorter_text_count_more(house: House, folder: Path) -> None:
    for name, text in {
        "a": "pay pay pay rent",
        "b": "rent " * 3 + "and more of it",
        "c": "pay lease",
        "d": "pay tax " * 9,
    }.items():
        (folder / f"{name}.txt").write_text(text)
    await house.add(folder)
    assert (await house.ask("lease pay"))[0].text == "pay lease"
    assert {one.text for one in (await house.ask("rent"))[:2]} == {"pay pay pay rent", "rent rent rent and more of it"}


async def test_what_is_added_and_removed_is_noticed_by_another_gateway(house: House, folder: Path) -> None:
    """Vectors are held in memory: a change of the shelf is read from the database."""
    (folder / "a.txt").write_text("alpha beta")
    await house.add(folder)
    assert len(await house.ask("alpha")) == 1
    (folder / "b.txt").write_text("alpha gamma")
    await house.add(folder)
    assert len(await house.ask("alpha")) == 2
    (folder / "a.txt").unlink()
    await house.add(folder)
    assert [one.text for one in await house.ask("alpha")] == ["alpha gamma"]


async def test_a_database_is_a_library(house: House) -> None:
    library: Library = house.library
    assert await library.documents("bank") == []
    assert await house.ask("anything") == ()


async def test_the_model_finds_meaning_across_languages() -> None:
    model = E5()
    passages = await model.passages(["The supplier delivers within thirty days.", "我们的猫喜欢睡觉。"])
    question = await model.question("交货期限是多少天？")
    model.close()
    assert passages[0] @ question > passages[1] @ question
    assert all(np.linalg.norm(vector) == pytest.approx(1, abs=1e-3) for vector in [*passages, question])


async def test_a_shelf_that_is_being_opened_holds_up_no_other(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first search of a shelf opens its vectors, which takes a while where there are many: that is its tenant's own."""
    (folder / "a.txt").write_text("alpha beta gamma")
    for tenant in ("bank", "rival"):
        await house.add(folder, tenant=tenant)
    opening, go_on, as_it_is = threading.Event(), threading.Event(), meaning._vectors

    def slow(connection: Connection, key: TenantKey, chunks: Sequence[int]) -> Iterator[tuple[int, Vector]]:
        if key.tenant == "bank":
            opening.set()
            assert go_on.wait(60)
        return as_it_is(connection, key, chunks)

    monkeypatch.setattr(meaning, "_vectors", slow)
    first = [asyncio.create_task(house.ask("alpha beta gamma", tenant="bank")) for _ in range(40)]
    try:
        while not opening.is_set():
            await asyncio.sleep(0.01)
        assert await asyncio.wait_for(house.ask("alpha beta gamma", tenant="rival"), 30)
        assert await asyncio.wait_for(asyncio.to_thread(threading.active_count), 30), "nor work of another kind"
    finally:
        go_on.set()
    assert all(await asyncio.gather(*first))
