"""Names that a text tells clearly are found where it repeats them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.literals import Literals
from gateway.detection.taggers.repeats import repeats
from gateway.detection.taggers.sieve import Tag


def again(text: str, *values: str, entity: str = "PERSON", score: float = 0.95) -> list[tuple[int, str]]:
    """What is found beside the first place of each of `values`, which are tagged."""
    tags = [Tag(text.index(value), text.index(value) + len(value), entity, score) for value in values]
    return [(tag.start, text[tag.start : tag.end]) for tag in repeats(text, tags)]


def test_a_whole_name_and_a_family_name() -> None:
    assert again("Ann Lee came. Then Lee left, and Ann Lee too.", "Ann Lee") == [(19, "Lee"), (33, "Ann Lee")]
    assert again("王建国来了，王建国又走了。", "王建国") == [(6, "王建国")]


def test_a_family_name_says_nothing_where_it_is_a_part_of_a_word() -> None:
    assert again("Ann Lee and Leeds and Ann Leeson", "Ann Lee") == []


def test_what_is_unsure_or_not_distinctive_is_not_looked_for() -> None:
    assert again("Ann Lee came. Ann Lee left.", "Ann Lee", score=0.8) == []
    assert again("Will came. Will left.", "Will") == []
    assert again("New York or York", "New York", entity="LOCATION") == []


def test_one_that_is_tagged_anyway_is_not_told_twice() -> None:
    text = "Ann Lee, Ann Lee"
    assert list(repeats(text, [Tag(0, 7, "PERSON", 0.95), Tag(9, 16, "PERSON", 0.7)])) == []


@given(st.text("ab张王李 ", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6)), max_size=4))
def test_what_is_found_is_what_literals_find(text: str, places: list[tuple[int, int]]) -> None:
    tags = [Tag(at, min(at + size, len(text)), "LOCATION", 0.95) for at, size in places if at < len(text)]
    values = {text[tag.start : tag.end] for tag in tags}
    known = [value for value in values if len(value.split()) > 1 or re.fullmatch("[张王李]{3,}", value)]
    taken = {(tag.start, tag.end) for tag in tags}
    assert [(t.start, t.end) for t in repeats(text, tags)] == [span for span in Literals(known).find(text) if span not in taken]
