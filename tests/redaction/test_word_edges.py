"""Where words begin behind escapes, whole and cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.word_edges import character_before, end_of, without_escapes

texts = st.lists(
    st.sampled_from(["\\", "u", "n", "\\n", "8bf7", "\\u8bf7", "\\u0041", "\\u003e", "\\ud83d", "f", "7", "x", " ", "请"]),
    max_size=8,
).map("".join)


@pytest.mark.parametrize("escape", [r"\n", r"\t", r"\u8bf7", r"\u8BF7", r"\u003e", r"\u0020", r"\u00e9", r"\\u8bf7"])
def test_an_escape_is_no_part_of_a_word(escape: str) -> None:
    before = f"so {escape}"
    assert not character_before(f"{before}Ann", len(before)).isalnum()
    assert not without_escapes(f"{before}Ann")[len(before) - 1].isalnum()


@pytest.mark.parametrize("word", [r"\u0041", r"\u0061", r"\u007A", r"\u0039", r"\u005f", r"\u8bg", r"u8bf7", r"\x8bf7"])
def test_the_escape_of_a_letter_is(word: str) -> None:
    assert without_escapes(f"{word}Ann") == f"{word}Ann"
    assert character_before(f"{word}Ann", len(word)) == word[-1]


@given(texts)
def test_places_stay_where_they_are(text: str) -> None:
    assert len(without_escapes(text)) == len(text)


def test_one_character_stays_apart_from_another() -> None:
    assert without_escapes(r"\u8bf7") != without_escapes(r"\u8bf8")
    assert without_escapes(r"\n") != without_escapes(r"\t")


@given(texts, texts, st.sampled_from(["Ann", "7", "请"]))
def test_the_end_of_a_text_tells_what_stands_before_the_next(first: str, then: str, word: str) -> None:
    """However it is cut, and however often."""
    whole = first + then
    kept = end_of(end_of(first) + then)
    assert character_before(kept + word, len(kept)) == character_before(whole + word, len(whole))
