"""Rules that find names by their form, behind one gate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.detection.taggers.han.japanese_names import JAPANESE_NAMES
from gateway.detection.taggers.han.short_names import SHORT_NAMES
from gateway.detection.taggers.han.titled import TITLED
from gateway.detection.taggers.latin.korean_names import KOREAN_NAMES
from gateway.detection.taggers.latin.vietnamese_names import VIETNAMESE_NAMES
from gateway.detection.taggers.name_rules import NameRule, NameRules
from gateway.detection.taggers.sieve import Tag

ALL = NameRules(KOREAN_NAMES, VIETNAMESE_NAMES, SHORT_NAMES, TITLED, JAPANESE_NAMES)


def _anywhere(entity: str, *gate: str) -> NameRule:
    def find(text: str) -> Iterator[Tag]:
        yield Tag(0, len(text), entity)

    return NameRule(gate, find)


@pytest.mark.parametrize(
    ("text", "entities"),
    [("", []), ("b", []), ("a", ["A"]), ("ab", ["A", "AB"]), ("abc", ["A", "AB", "C"]), ("中c", ["C"]), ("bc", ["C"])],
)
def test_a_rule_looks_where_all_of_its_gate_fires(text: str, entities: list[str]) -> None:
    rules = NameRules(_anywhere("A", "a"), _anywhere("AB", "a", "b"), _anywhere("C", "[c-d]"))
    assert [tag.entity for tag in rules.tags(text)] == entities


def test_without_rules_there_is_nothing() -> None:
    assert list(NameRules().tags("anything")) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ask Lim Bo-ra today.", "Lim Bo-ra"),
        ("signed: Young-hee Kwon", "Young-hee Kwon"),
        ("请找Hwang Tae-hyung", "Hwang Tae-hyung"),
        ("call Do Thi Huong back", "Do Thi Huong"),
        ("总理将于下月访华。", "华"),
        ("请问曾医生在吗", "曾"),
        ("与中村洋子见面", "中村洋子"),
    ],
)
def test_the_gate_lets_through_what_each_rule_is_for(text: str, name: str) -> None:
    assert [text[tag.start : tag.end] for tag in ALL.tags(text)] == [name]
