"""Countries by one character."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.short_names import short_names


def found(text: str) -> list[str]:
    return [text[tag.start : tag.end] for tag in short_names(text) if tag.entity == "LOCATION"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("发展印澳关系", "印澳"),
        ("韩、越两国", ""),
        ("韩越、泰三国", "韩越"),
        ("总统访华期间", "华"),
        ("我国驻埃使馆", "埃"),
        ("昨天离京，", "京"),
        ("对华投资", "华"),
        ("日方表示", "日"),
        ("抗美援朝", "朝"),
        ("中以关系", "中以"),
        ("所以中美关系紧张", "中美"),
        ("我们注意中韩关系", "中韩"),
        ("其中日韩合作最多", "日韩"),
    ],
)
def test_where_they_stand_for_a_country(text: str, names: str) -> None:
    assert found(text) == list(names)


@pytest.mark.parametrize(
    "text",
    [
        "采访中，他说",
        "走访日期",
        "对华为",
        "访华盛顿",
        "29日将军",
        "二十日方才",
        "美好的关系",
        "本月日军事",
        "离京城",
        "访日本",
        "法方便",
        "来华东",
        "请填写随访日期和随访意愿",
        "随访加重",
        "救援以及灾后重建",
        "专访英雄人物",
        "增援越多越好",
        "暗访法院",
        "他们在生意中合作愉快",
        "工作中以双方利益为重",
        "谈判中以友好的态度协商",
        "两人的关系越加友好",
        "加以合作",
        "法方程",
    ],
)
def test_where_they_are_parts_of_words(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "army"),
    [
        ("据说，美军撤离", "美军"),
        ("面对德军的进攻", "德军"),
        ("俄海军在港内", "俄海军"),
        ("访美军", "美军"),
        ("日军事专家", ""),
        ("29日军训", ""),
        ("今日军报", ""),
        ("德军官", ""),
        ("执法军警", ""),
        ("完美军人", ""),
    ],
)
def test_armies(text: str, army: str) -> None:
    assert "".join(text[tag.start : tag.end] for tag in short_names(text) if tag.entity == "ORGANIZATION") == army
