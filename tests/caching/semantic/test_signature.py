"""Which questions are one: nothing that was not foreseen makes two texts equal."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.semantic.pairs import LANGUAGES, Pair, pairs
from gateway.caching.semantic.english_tables import SAME
from gateway.caching.semantic.signature import signature_of

WRITTEN: Sequence[Pair] = list(pairs())


def same(first: str, second: str) -> bool:
    signature = signature_of(first)
    return signature is not None and signature == signature_of(second)


def test_no_near_miss_passes() -> None:
    assert [pair for pair in WRITTEN if not pair.same and same(pair.first, pair.second)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_plain_paraphrases_pass(language: str) -> None:
    asked = [pair for pair in WRITTEN if pair.same and pair.language == language]
    near = [pair for pair in WRITTEN if not pair.same and pair.language == language]
    assert (len(asked) >= 150, len(near) >= 250) == (True, True)
    assert sum(same(pair.first, pair.second) for pair in asked) > 0.6 * len(asked)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("How do I say thank you?", "How do I say?"),
        ("Can you listen to me?", "listen to me?"),
        ("What is well water?", "What is water?"),
        ("What does he like?", "What is he like?"),
        ("Give me few examples.", "Give me a few examples."),
        ("What is Apple worth?", "What is apple worth?"),
        ("Turkey prices", "turkey prices"),
        ("What is 1,5?", "What is 15?"),
        ("What is 1,500?", "What is 1.500?"),
        ("What does `A ` mean?", "What does `a ` mean?"),
        ("How do I say “yes  no” in Thai?", "How do I say “yes no” in Thai?"),
        ("You are coming?", "You are coming."),
        ("Vou a casa", "Vou do casa"),
        ("谁喜欢狗？", "狗喜欢谁？"),
        ("请假怎么办理", "假怎么办理"),
        ("给我打电话", "打电话"),
        ("红花有什么作用", "红的花有毒吗"),
    ],
)
def test_what_looks_harmless_is_not(first: str, second: str) -> None:
    assert not same(first, second)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "Привет, как дела?",
        "Où est la gare ?",
        "What is x²?",
        "line one\nline two",
        "word " * 200,
        "¿Qué?",
        "👍",
        "?",
    ],
)
def test_what_nobody_here_can_read_has_no_signature(text: str) -> None:
    assert signature_of(text) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("How do I convert 1,500 miles to km?", "how can I convert 1500 miles to kilometers"),
        ("Why don't birds fall?", "Why do not birds fall?"),
        ("What’s TCP？", "What's TCP?"),
        ("在Linux上怎么安装Docker", "Docker在Linux上怎么安装？"),
        ("三十天后可以退货吗", "30天后可不可以退货？"),
    ],
)
def test_the_same_in_other_words(first: str, second: str) -> None:
    assert same(first, second)


WORDS = st.sampled_from(
    "order invoice cancel enable disable not only Anna 12 13 before after all some <PERSON_1> <PERSON_2>".split()
)


@given(st.lists(WORDS, min_size=1, max_size=6), st.lists(WORDS, min_size=1, max_size=6))
@settings(max_examples=200)
def test_words_that_stand_in_no_table_count_in_their_order(first: list[str], second: list[str]) -> None:
    asked = [f"How do I find {' '.join(words)}?" for words in (first, second)]
    assert same(*asked) == (first == second)


HAN = st.text(st.sampled_from("猫狗鱼鸟红蓝买卖开关增减不只前后一二"), min_size=1, max_size=6)


@given(HAN, HAN)
@settings(max_examples=200)
def test_characters_that_stand_in_no_table_count_in_their_order(first: str, second: str) -> None:
    asked = [f"解释{text}" for text in (first, second)]
    assert same(*asked) == (first == second)


def test_no_word_is_in_two_groups() -> None:
    words = [word for group in SAME for word in group.split()]
    assert len(words) == len(set(words))


def test_it_does_not_show_the_text() -> None:
    assert "secret" not in repr(signature_of("How do I keep a secret?"))
