"""Two streets and where they meet."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.crossings import whole_crossings
from gateway.detection.taggers.sieve import Tag


def _named(text: str, *values: str, entity: str = "LOCATION") -> list[str]:
    tags = [Tag(text.index(value), text.index(value) + len(value), entity, 0.9) for value in values]
    return [text[tag.start : tag.end] for tag in whole_crossings(text, tags)]


@pytest.mark.parametrize(
    ("text", "values", "whole"),
    [
        ("在枫林路与青石街交叉口，", ["枫林路"], "枫林路与青石街交叉口"),
        ("在枫林路与青石街交汇处东北角。", ["枫林路", "青石街"], "枫林路与青石街交汇处东北角"),
        ("枫林大道北段和学苑路路口", ["枫林大道北段", "学苑路路口"], "枫林大道北段和学苑路路口"),
        ("枫林路跟外环线交口那儿", ["枫林路"], "枫林路跟外环线交口"),
    ],
)
def test_a_crossing_is_one(text: str, values: list[str], whole: str) -> None:
    assert _named(text, *values) == [whole]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("枫林路和青石街都堵，交警来了", ["枫林路", "青石街"]),
        ("枫林路和新街口", ["枫林路", "新街口"]),
        ("枫林路的交通", ["枫林路"]),
        ("枫林县与青石街交叉口", ["枫林县", "青石街交叉口"]),
    ],
)
def test_two_places_stay_two(text: str, values: list[str]) -> None:
    assert _named(text, *values) == values


def test_what_reaches_over_the_crossing_is_kept_and_nothing_overlaps() -> None:
    text = "枫林路与青石街路口东侧楼"
    tags = [Tag(0, 3, "LOCATION", 0.9), Tag(4, len(text), "ORGANIZATION", 0.9)]
    assert [(tag.start, tag.end) for tag in whole_crossings(text, tags)] == [(0, 11), (11, 12)]


def test_only_places_cross() -> None:
    assert _named("枫林路与青石街交叉口", "枫林路", entity="PERSON") == ["枫林路"]
