"""Tibetan and Mongol names in characters."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.compound_names import compound_names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("请联系次仁卓玛。", "次仁卓玛"),
        ("由丹增罗布多吉负责", "丹增罗布多吉"),
        ("额尔德尼巴特尔的合同", "额尔德尼巴特尔"),
        ("斯琴图雅和巴图孟和", "斯琴图雅巴图孟和"),
        ("格日勒图住院", "格日勒图"),
        ("给萨日娜打电话", "萨日娜"),
        ("卓玛老师和朝鲁经理", "卓玛朝鲁"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert "".join(text[tag.start : tag.end] for tag in compound_names(text)) == name


@pytest.mark.parametrize(
    "text",
    [
        "扎西德勒",
        "呼和浩特的天气",
        "去乌兰察布",
        "格桑花开了",
        "乌云密布",
        "陶孟和教授",
        "班禅额尔德尼",
        "特木尔镇",
        "满都拉图镇",
        "哈斯一下",
        "达瓦是月亮",
    ],
)
def test_words_and_places(text: str) -> None:
    assert list(compound_names(text)) == []
