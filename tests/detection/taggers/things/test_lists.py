"""The lists that come with the package."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.things.lists import listed


@pytest.mark.parametrize("name", ["medicines.txt", "english.txt", "chinese.txt"])
def test_a_list_has_words_without_its_comments(name: str) -> None:
    words = listed(name)
    assert len(words) > 100
    assert not any(word.startswith("#") or word != word.strip() for word in words)


def test_makers_have_two_characters_and_more() -> None:
    assert min(map(len, listed("makers.txt"))) > 1


def test_english_words_are_terms_in_capitals_or_names_in_lower_case() -> None:
    assert all(word in (word.upper(), word.lower()) for word in listed("english.txt") | listed("medicines.txt"))


def test_chinese_words_have_two_characters_and_more() -> None:
    assert min(map(len, listed("chinese.txt"))) > 1
