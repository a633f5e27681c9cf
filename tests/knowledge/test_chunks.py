"""Chunks keep to the structure, lose nothing, and cut no placeholder."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.knowledge.chunks import chunks, units
from gateway.knowledge.formats.document import Block

PARTS = st.lists(
    st.sampled_from(["<PERSON_1>", "word", " ", ". ", "。", "\n", "合同", "x" * 30, "<", "<EMAIL_ADDRESS#5f1c>"]),
    min_size=1,
    max_size=60,
).map("".join)
BLOCKS = st.lists(st.builds(Block, PARTS, st.sampled_from([0, 0, 0, 1, 2])), min_size=1, max_size=12)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(BLOCKS)
def test_nothing_is_lost_and_no_placeholder_is_cut(blocks: list[Block]) -> None:
    made = list(chunks(blocks, size=60, overlap=0))
    assert squeezed("".join(chunk.text for chunk in made)) == squeezed(
        "".join(block.text for block in blocks if not block.level)
    )
    whole = sum(block.text.count("<PERSON_1>") for block in blocks if not block.level)
    assert sum(chunk.text.count("<PERSON_1>") for chunk in made) == whole


@given(BLOCKS)
def test_sizes(blocks: list[Block]) -> None:
    """White space between two parts is not counted."""
    for chunk in chunks(blocks, size=80, overlap=20):
        assert units(squeezed(chunk.text)) <= 80


def test_sections_and_where_they_come_from() -> None:
    blocks = [
        Block("Law", 1),
        Block("Rent", 2),
        Block("Pay."),
        Block("Sale", 2),
        Block("Deliver.", page=3),
        Block("Tax", 1),
        Block("Due."),
    ]
    made = list(chunks(blocks))
    assert [(one.text, one.section, one.page) for one in made] == [
        ("Pay.", ("Law", "Rent"), None), ("Deliver.", ("Law", "Sale"), 3), ("Due.", ("Tax",), None)
    ]  # fmt: skip
    assert [one.blocks for one in made] == [{0, 1, 2}, {0, 3, 4}, {5, 6}]


def test_neighbours_share_a_sentence() -> None:
    text = "One is here. Two is here. Three is here. Four is here."
    first, second, *_ = chunks([Block(text)], size=30, overlap=14)
    assert first.text == "One is here. Two is here."
    assert second.text == "Two is here. Three is here."


def test_what_stands_alone_stays_alone() -> None:
    assert [one.text for one in chunks([Block("a", alone=True), Block("b", alone=True), Block("c")])] == ["a", "b", "c"]


def test_a_chinese_character_weighs_three_letters() -> None:
    assert units("合同 ok") == 9
