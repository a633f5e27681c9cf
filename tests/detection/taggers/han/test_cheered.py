"""Who is cheered in chats and live streams."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.cheered import CHEERED, without_praise
from gateway.detection.taggers.name_rules import NameRules
from gateway.detection.taggers.sieve import Tag


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("涛哥稳了", ["涛哥"]),
        ("感谢霞姐送的火箭", ["霞姐"]),
        ("哈哈哈，邹总大气！\n@磊哥加油", ["邹总", "磊哥"]),
        ("恭喜倩姐，霞姐最棒", ["霞姐"]),
    ],
)
def test_who_is_cheered(text: str, names: list[str]) -> None:
    assert [text[tag.start : tag.end] for tag in NameRules(CHEERED).tags(text)] == names


@pytest.mark.parametrize(
    "text",
    [
        "大哥加油",
        "感谢小姐姐送的花",
        "学姐太强了",
        "邹涛哥稳了吗",
        "王爷威武",
        "帅哥好帅",
        "涛哥明天来",
        "表哥辛苦了",
        "",
        "唱首歌加油",
    ],
)
def test_nobody_is(text: str) -> None:
    assert list(NameRules(CHEERED).tags(text)) == []


@pytest.mark.parametrize(
    ("text", "tagged", "left"),
    [
        ("霞姐美哭了", "霞姐美", "霞姐"),
        ("涛哥豪横啊", "涛哥豪", "涛哥"),
        ("涛哥豪来了", "涛哥豪", "涛哥豪"),
        ("邹爷美玲", "邹爷美", "邹爷美"),
        ("高文牛啊", "高文牛", "高文牛"),
    ],
)
def test_praise_is_no_part_of_a_name(text: str, tagged: str, left: str) -> None:
    (tag,) = without_praise(text, [Tag(0, len(tagged), "PERSON", 0.9)])
    assert text[tag.start : tag.end] == left
