"""Firms whose names go on behind a bracket."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.bracketed import whole_firms
from gateway.detection.taggers.sieve import Tag


def _named(text: str, *values: tuple[str, str]) -> list[tuple[str, str]]:
    tags = [Tag(text.index(value), text.index(value) + len(value), entity, 0.9) for value, entity in values]
    return [(text[tag.start : tag.end], tag.entity) for tag in whole_firms(text, tags)]


@pytest.mark.parametrize(
    ("text", "values", "whole"),
    [
        ("去云杉书店（河西店）买书", [("云杉书店", "ORGANIZATION"), ("河西", "LOCATION")], "云杉书店（河西店）"),
        ("云杉中学(东校区)，", [("云杉中学", "ORGANIZATION")], "云杉中学(东校区)"),
        ("云杉物流（中国）有限公司", [("云杉物流", "ORGANIZATION"), ("中国", "LOCATION")], "云杉物流（中国）有限公司"),
        (
            "云杉（宁安）文化传媒有限公司的",
            [("云杉", "PERSON"), ("文化传媒有限公司", "ORGANIZATION")],
            "云杉（宁安）文化传媒有限公司",
        ),
        ("云杉银行（宁安）说", [("云杉银行", "ORGANIZATION"), ("宁安", "LOCATION")], "云杉银行（宁安）"),
    ],
)
def test_a_firm_goes_on(text: str, values: list[tuple[str, str]], whole: str) -> None:
    assert _named(text, *values) == [(whole, "ORGANIZATION")]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("云杉集团（税前利润）", [("云杉集团", "ORGANIZATION")]),
        ("王宁（河西店）", [("王宁", "PERSON")]),
        ("王宁（宁安）来了", [("王宁", "PERSON"), ("宁安", "LOCATION")]),
        ("宁安（中国）", [("宁安", "LOCATION"), ("中国", "LOCATION")]),
        ("（云杉集团）公司", [("云杉集团", "ORGANIZATION")]),
        ("云杉集团（未完", [("云杉集团", "ORGANIZATION")]),
        ("没有", []),
    ],
)
def test_what_else_stands_in_brackets(text: str, values: list[tuple[str, str]]) -> None:
    assert _named(text, *values) == values


def test_what_reaches_over_the_bracket_is_kept() -> None:
    text = "云杉书店（河西店）东路"
    tags = [Tag(0, 4, "ORGANIZATION", 0.9), Tag(5, 11, "LOCATION", 0.9)]
    assert [(tag.start, tag.end) for tag in whole_firms(text, tags)] == [(0, 11)]
