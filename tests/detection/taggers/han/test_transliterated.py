"""Foreign names in characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.taggers.han.transliterated import is_foreign, whole_foreign_names
from gateway.detection.taggers.sieve import Tag

P, L, O = "PERSON", "LOCATION", "ORGANIZATION"  # noqa: E741


def named(text: str, *values: tuple[str, str]) -> list[tuple[str, str]]:
    """The names in `text` after `values`, each with its type, were tagged in this order."""
    tags = [Tag(text.index(value), text.index(value) + len(value), entity, 0.9) for value, entity in values]
    return [(text[tag.start : tag.end], tag.entity) for tag in whole_foreign_names(text, tags)]


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("前锋巴伦-塔维斯进球", "巴伦", "塔维斯"),
        ("前锋巴伦·塔维斯进球", "巴伦", "塔维斯"),
        ("前锋巴伦•塔维斯进球", "巴伦", "塔维斯"),
        ("前锋马丁-塔维斯进球", "马丁", "塔维斯"),
    ],
)
def test_a_joint_holds_a_name_together(text: str, left: str, right: str) -> None:
    assert named(text, (left, P), (right, P)) == [(text[2:-2], P)]


def test_behind_a_point_a_name_is_a_persons_too() -> None:
    assert named("巴伦·塔维斯说", ("巴伦", P), ("塔维斯", O)) == [("巴伦·塔维斯", P)]


def test_places_from_the_large_to_the_small_are_one() -> None:
    assert named("#宁安·镜泊湖#", ("宁安", L), ("镜泊湖", L)) == [("宁安·镜泊湖", L)]


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("郭靖-黄蓉", ("郭靖", P), ("黄蓉", P)),
        ("马云-史玉柱", ("马云", P), ("史玉柱", P)),
        ("巴伦-萨里", ("巴伦", P), ("萨里", O)),
        ("巴伦、塔维斯", ("巴伦", P), ("塔维斯", P)),
        ("巴伦和塔维斯", ("巴伦", P), ("塔维斯", P)),
        ("宁安-牡丹江", ("宁安", L), ("牡丹江", L)),
    ],
)
def test_what_is_not_one_name_stays_two(text: str, left: tuple[str, str], right: tuple[str, str]) -> None:
    assert named(text, left, right) == [left, right]


@pytest.mark.parametrize("seen", ["巴伦", "塔维斯"])
def test_the_part_that_was_not_seen_belongs_to_it(seen: str) -> None:
    assert named("访问巴伦·塔维斯当选", (seen, P)) == [("巴伦·塔维斯", P)]


def test_several_parts() -> None:
    assert named("访问若昂·巴伦·塔维斯。", ("巴伦", P)) == [("若昂·巴伦·塔维斯", P)]


@pytest.mark.parametrize("text", ["作者：李清·上海", "上海·李清", "李清"])
def test_a_chinese_name_takes_nothing(text: str) -> None:
    assert named(text, ("李清", P)) == [("李清", P)]


@pytest.mark.parametrize(("name", "foreign"), [("塔维斯", True), ("巴伦·塔", True), ("建国", False), ("", False), ("·", False)])
def test_sounds(name: str, foreign: bool) -> None:
    assert is_foreign(name, 0, len(name)) is foreign


@given(
    st.text("巴伦塔斯·-李建，a", max_size=24), st.lists(st.integers(0, 24), max_size=8, unique=True), st.sampled_from([P, L, O])
)
def test_nothing_is_uncovered_and_nothing_overlaps(text: str, edges: list[int], entity: str) -> None:
    places = sorted(edge for edge in edges if edge <= len(text))
    tags = [Tag(a, b, entity, 0.9) for a, b in zip(places[::2], places[1::2], strict=False)]
    found = whole_foreign_names(text, tags)
    assert all(any(one.start <= tag.start and tag.end <= one.end for one in found) for tag in tags)
    assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False))
    assert not found or found[-1].end <= len(text)
