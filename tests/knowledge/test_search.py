"""Words and meaning, fused; and the model itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.knowledge.embedding import E5
from gateway.knowledge.fusion import fused
from gateway.knowledge.library import Library
from tests.knowledge.conftest import House


def test_fusion_as_in_the_paper() -> None:
    best = fused([[1, 2, 3], [3, 1]], 9)
    assert [item for item, _ in best] == [1, 3, 2]
    assert [score for _, score in best] == pytest.approx([1 / 61 + 1 / 62, 1 / 63 + 1 / 61, 1 / 62])
    assert fused([[], []], 5) == []


@given(st.lists(st.lists(st.integers(0, 9), unique=True), max_size=3), st.integers(0, 9))
def test_fusion_names_each_once(rankings: list[list[int]], limit: int) -> None:
    best = fused(rankings, limit)
    assert len({item for item, _ in best}) == len(best) == min(limit, len({item for one in rankings for item in one}))
    assert [score for _, score in best] == sorted((score for _, score in best), reverse=True)


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
