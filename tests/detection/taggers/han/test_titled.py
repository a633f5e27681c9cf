"""A surname alone before a title."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.titled import titled


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("曾医生说没问题", ["曾"]),
        ("😀，郑工，图纸不对", ["郑"]),
        ("请问欧阳医生在吗", ["欧阳"]),
        ("王总，黄总您好，孙经理和李老师到了", ["王", "黄", "孙", "李"]),
        ("给尹校长和给车主任", ["尹", "车"]),
        ("问一下周医生，下午钱主任在院", ["周", "钱"]),
        ("内科吕医生和黄护士", ["吕", "黄"]),
        ("任何律师、对方经理、见习医生、天文老师", []),
        ("和老师说，于老师而言", []),
        ("马上总结，方总体", []),
        ("班主任、车队长、高工程", []),
        ("打13900112233祁大爷，", ["祁"]),
        ("打0571-88001122 祁大妈", ["祁"]),
        ("共12345祁大爷", []),
        ("小李老师", []),
        ("没有名字的话", []),
    ],
)
def test_who_has_a_title(text: str, names: list[str]) -> None:
    assert [text[tag.start : tag.end] for tag in titled(text)] == names
    assert {tag.entity for tag in titled(text)} <= {"PERSON"}
