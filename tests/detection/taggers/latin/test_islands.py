"""A name in Latin letters between Chinese characters is found whole."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.latin.islands import whole_islands
from gateway.detection.taggers.sieve import Tag


def found(text: str, value: str, entity: str = "PERSON") -> list[str]:
    tag = Tag(text.index(value), text.index(value) + len(value), entity, 0.9)
    return [text[one.start : one.end] for one in whole_islands(text, [tag])]


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [
        ("请帮我给Senthil Murugan写信。", "Murugan", "Senthil Murugan"),
        ("Senthil Murugan昨天没有来", "Murugan", "Senthil Murugan"),
        ("抄送：Ana Maria Costa，谢谢", "Maria", "Ana Maria Costa"),
        ("转告Mary-Ann O'Neil会议改期", "Mary", "Mary-Ann O'Neil"),
    ],
)
def test_whole(text: str, value: str, whole: str) -> None:
    assert found(text, value) == [whole]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("给Murugan写信", "Murugan"),
        ("I told Senthil Murugan", "Murugan"),
        ("请看 Ask Murugan today 好吗", "Murugan"),
        ("用Visual Studio和Ann写", "Ann"),
    ],
)
def test_left(text: str, value: str) -> None:
    assert found(text, value) == [value]


def test_a_firm_is_left() -> None:
    assert found("请看Acme Cloud Suite说明", "Acme Cloud", "ORGANIZATION") == ["Acme Cloud"]
