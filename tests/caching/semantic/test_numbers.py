"""Numbers in words and numerals."""

from __future__ import annotations

import pytest

from gateway.caching.semantic.numbers import chinese_number, english_number, with_digits


@pytest.mark.parametrize(
    ("word", "number"),
    [("seven", "7"), ("twenty-five", "25"), ("ninety", "90"), ("ten-five", None), ("on", None), ("one", None)],
)
def test_english(word: str, number: str | None) -> None:
    assert english_number(word) == number


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("一", 1),
        ("十", 10),
        ("十三", 13),
        ("三十", 30),
        ("二百零五", 205),
        ("二百五十", 250),
        ("一千零二", 1_002),
        ("一千零二十", 1_020),
        ("九千九百九十九", 9_999),
    ],
)
def test_chinese(numeral: str, number: int) -> None:
    assert chinese_number(numeral) == number


def test_a_year_is_read_digit_by_digit() -> None:
    assert chinese_number("二〇二六", of_years=True) == 2026
    assert chinese_number("二〇二六") is None
    assert with_digits("二〇二六年") == "2026年"


@pytest.mark.parametrize("numeral", ["一两", "三五", "七八", "两", "两千五", "一百三", "千万", "万一", "万", "一万二千", "百"])
def test_what_has_two_readings_has_none(numeral: str) -> None:
    """One or two, three to five; two thousand five hundred; by all means, in case."""
    assert chinese_number(numeral) is None


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("三天统一一下", "3天统一一下"),
        ("总结第十二章", "总结第12章"),
        ("十几个人", "十几个人"),
        ("便宜一点", "便宜一点"),
        ("三点开会", "3点开会"),
        ("十分满意", "十分满意"),
        ("十分钟", "10分钟"),
        ("千万天黑前回家", "千万天黑前回家"),
    ],
)
def test_only_what_counts_something_is_a_number(said: str, read: str) -> None:
    assert with_digits(said) == read
