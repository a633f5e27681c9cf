"""Latin letters that belong to a Chinese name."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.latin_letters import with_latin
from gateway.detection.taggers.sieve import Tag


def _named(text: str, *values: tuple[str, str]) -> list[tuple[str, str]]:
    tags = [Tag(text.index(value), text.index(value) + len(value), entity, 0.9) for value, entity in values]
    return [(text[tag.start : tag.end], tag.entity) for tag in with_latin(text, tags)]


@pytest.mark.parametrize(
    ("text", "value", "entity", "whole"),
    [
        ("对阵AC恒晖，", "恒晖", "ORGANIZATION", "AC恒晖"),
        ("由D5•恒晖集团", "恒晖集团", "ORGANIZATION", "D5•恒晖集团"),
        ("球星C马说", "马", "PERSON", "C马"),
        ("作者M.洛文", "洛文", "PERSON", "M.洛文"),
        ("甲队vs恒晖队", "恒晖队", "ORGANIZATION", "恒晖队"),
        ("加QQ王宁", "王宁", "PERSON", "王宁"),
        ("摄影by王宁", "王宁", "PERSON", "王宁"),
        ("www.a恒晖", "恒晖", "ORGANIZATION", "恒晖"),
        ("Office恒晖王宁", "王宁", "PERSON", "王宁"),
        ("去AC宁安", "宁安", "LOCATION", "宁安"),
    ],
)
def test_letters_before_a_name(text: str, value: str, entity: str, whole: str) -> None:
    assert _named(text, (value, entity)) == [(whole, entity)]


@pytest.mark.parametrize(
    ("text", "value", "entity", "original"),
    [
        ("主席弗里德森（Asgeir Fridson）说", "弗里德森", "PERSON", "Asgeir Fridson"),
        ("约翰·克莱曼(j.k. Kleman)", "约翰·克莱曼", "PERSON", "j.k. Kleman"),
        ("恒晖银行（HHB）", "恒晖银行", "ORGANIZATION", "HHB"),
        ("宁安（Ning'an）", "宁安", "LOCATION", "Ning'an"),
    ],
)
def test_as_others_spell_it(text: str, value: str, entity: str, original: str) -> None:
    assert _named(text, (value, entity)) == [(value, entity), (original, entity)]


def test_as_an_identity_card_has_it() -> None:
    person = ("卓詠珊", "PERSON")
    assert _named("卓詠珊 CHEUK, WING SHAN\n1", person) == [person, ("CHEUK, WING SHAN", "PERSON")]
    assert _named("卓詠珊\nCHEUK, WING", person) == [person, ("CHEUK, WING", "PERSON")]
    assert _named("卓詠珊 HTTP ERROR", person) == [person]
    assert _named("卓詠珊 用 SQL, CSV", person) == [person]


@pytest.mark.parametrize("rest", ["（CEO）", "（男）", "(blog)", "（Note）", "（34岁）", "，Anna", "（Anna", "（中文）"])
def test_what_else_stands_behind_a_person(rest: str) -> None:
    assert _named(f"王建宁{rest}", ("王建宁", "PERSON")) == [("王建宁", "PERSON")]


def test_what_another_name_has_is_left_to_it() -> None:
    text = "弗里德森（Asgeir Fridson）"
    names = [("弗里德森", "PERSON"), ("Asgeir Fridson", "PERSON")]
    assert _named(text, *names) == names
    assert _named("AC恒晖", ("AC", "ORGANIZATION"), ("恒晖", "ORGANIZATION")) == [
        ("AC", "ORGANIZATION"),
        ("恒晖", "ORGANIZATION"),
    ]
