"""Numbers in words and numerals."""

from __future__ import annotations

import pytest

from gateway.caching.semantic.numbers import chinese_number, english_number, with_digits


@pytest.mark.parametrize(
    ("word", "number"), [("seven", "7"), ("twenty-five", "25"), ("ninety", "90"), ("ten-five", None), ("on", None)]
)
def test_english(word: str, number: str | None) -> None:
    assert english_number(word) == number


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("十", 10),
        ("十三", 13),
        ("三十", 30),
        ("两百零五", 205),
        ("一万二千", 12_000),
        ("二〇二六", 2026),
        ("万", 10_000),
        ("九千九百九十九", 9_999),
    ],
)
def test_chinese(numeral: str, number: int) -> None:
    assert chinese_number(numeral) == number


def test_only_what_counts_something_is_a_number() -> None:
    assert with_digits("三天统一一下") == "3天统一一下"
