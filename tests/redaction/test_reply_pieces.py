"""Events that only add to a text go on as they came, unless something in them is put back or held back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.redaction.test_reply import NAME, chunk, rewritten, rules, texts


async def test_what_says_nothing_of_the_exchange_is_not_copied() -> None:
    said = [chunk(word) for word in ("Dear", " all", ", thank", " you")]
    out = await rewritten(said, rules())
    assert all(one is other for one, other in zip(out, said, strict=True))


@pytest.mark.parametrize("held", ["<", "P", "PERSON", "<PERSON_", "PERSON_1"])
async def test_a_piece_after_a_tail_that_is_held_back_does_not_overtake_it(held: str) -> None:
    out = await rewritten([chunk("so "), chunk(held), chunk(" it"), chunk(" was", finish="stop")], rules())
    assert texts(out) == f"so {held} it was".replace("PERSON_1", NAME)


@pytest.mark.parametrize("before", ["x", "_", "\\", "7"])
async def test_the_character_before_a_name_counts_though_its_piece_went_on(before: str) -> None:
    """Inside a longer word a placeholder without brackets is none, wherever the stream is cut."""
    said = [[chunk(f" {before}PERSON_1 was")], [chunk(f" {before}"), chunk("PERSON_1"), chunk(" was")]]
    whole, cut = [texts(await rewritten([chunk("so"), *pieces, chunk(finish="stop")], rules())) for pieces in said]
    assert whole == cut


async def test_what_stands_beside_the_text_is_restored_too() -> None:
    out = await rewritten([chunk("so"), {**chunk(" it"), "id": "<PERSON_1>"}, chunk(" was")], rules())
    assert [one["id"] for one in out] == ["c", NAME, "c"]


async def test_pieces_are_screened_and_noted_where_policy_asks_for_it() -> None:
    said = [chunk("Ask "), chunk("Bob"), chunk(" now."), chunk(finish="stop")]
    assert "Bob" not in texts(await rewritten(said, rules(reply="mask")))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(["a", " ", "P", "ER", "SON_1", "<", ">", "PERSON_1", "\\", "n", '"', "x "]), max_size=14))
@pytest.mark.parametrize("json_content", [False, True])
async def test_events_that_are_looked_through_say_the_same(json_content: bool, words: list[str]) -> None:
    """With a field that says nothing each event is looked through; without, most are not."""

    async def said(**more: Any) -> str:
        pieces = [chunk(word, **more) for word in ("so ", *words)]
        return texts(await rewritten([*pieces, chunk(finish="stop")], rules(json_content=json_content)))

    assert await said() == await said(refusal=None)
