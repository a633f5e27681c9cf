"""What bears a name of its own in Chinese and is nobody, beside people who are called alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.things.chinese import ChineseThings

_THINGS = ChineseThings.shipped()


def _left(text: str, value: str, entity: str = "PERSON") -> list[str]:
    at = text.index(value)
    return [text[tag.start : tag.end] for tag in _THINGS.without(text, [Tag(at, at + len(value), entity, 0.9)])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("吃美托洛尔", "美托洛尔"),
        ("美托洛尔能停吗", "托洛尔能"),
        ("开了阿托伐他汀片", "阿托"),
        ("得了帕金森怎么办", "帕金森"),
        ("拉普拉斯变换", "普拉斯"),
        ("买了5个苹果", "苹果"),
        ("我吃了苹果", "苹果"),
        ("看猪八戒背媳妇", "猪八戒"),
        ("被安利了一款面霜", "安利"),
        ("合计叁仟伍佰元整", "叁仟伍佰"),
        ("itwasthebestoftimesandtheworstoftimes", "itwasthebestoftimesandtheworstoftimes"),
        ("餐后服 bid", "bid"),
        ("美托洛尔25mg", "美托洛尔"),
        ("美托洛尔3天一次", "美托洛尔"),
        ("美托洛尔说明书", "美托洛尔"),
        ("他东张西望了半天", "东张西"),
        ("这就叫何德何能", "何德何"),
        ("点了一份毛血旺", "毛血旺"),
        ("家里养了只约克夏梗", "约克夏"),
        ("尼玛又加班", "尼玛"),
        ("绝对玛丽苏剧情", "玛丽苏"),
    ],
)
def test_a_thing(text: str, value: str) -> None:
    assert _left(text, value) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("张阿托来了", "张阿托"),
        ("东张是我同桌", "东张"),
        ("我叫玛丽，苏州人", "玛丽"),
        ("何德说他不来", "何德"),
        ("毛血生老师", "毛血生"),
        ("苹果发布新手机", "苹果"),
        ("王芳吃华法林", "王芳"),
        ("吃华法林王芳", "王芳"),
        ("吃头孢张三", "孢张三"),
        ("艾迪生病了", "艾迪"),
        ("川崎病了三天", "川崎"),
        ("泰勒展开了调查", "泰勒"),
        ("牛顿法官来了", "牛顿"),
        ("皮尔逊相关人员", "皮尔逊"),
        ("海明距离公司很近", "海明"),
        ("马应龙在上海", "马应龙"),
        ("小柴胡说八道", "小柴"),
        ("巴甫洛夫来电", "巴甫洛夫"),
        ("帕金森先生来电", "帕金森"),
        ("姓名：帕金森", "帕金森"),
        ("贝叶斯的电话", "贝叶斯"),
        ("川崎病逝于东京", "川崎"),
        ("阿卡波糖邢洋吃了", "阿卡波糖邢"),
        ("亨廷顿病假三天", "亨廷顿"),
        ("欧拉角色扮演", "欧拉"),
        ("在云南白药上班", "云南白药"),
        ("去年加入云南白药", "云南白药"),
        ("来了三个苹果员工", "苹果"),
        ("姓名：猪八戒", "猪八戒"),
        ("在安利上班", "安利"),
        ("叁仟先生", "叁"),
        ("找伍佰唱歌", "伍"),
        ("Wolfeschlegelsteinhausen", "Wolfeschlegelsteinhausen"),
    ],
)
def test_somebody(text: str, value: str) -> None:
    assert _left(text, value) == [value]


@pytest.mark.parametrize("rest", ["手机", "5 Pro", "12，", "Model Y", "纯牛奶"])
def test_a_maker_before_its_product_is_what_many_have(rest: str) -> None:
    for maker in ("华为", "特斯拉"):
        assert _left(f"买了{maker}{rest}", maker, "ORGANIZATION") == []


@pytest.mark.parametrize("rest", ["的员工", "手机事业部", "3月", "10亿元", "汽车公司", "2024年", "电视台"])
def test_a_maker_is_a_firm_elsewhere(rest: str) -> None:
    assert _left(f"那是华为{rest}", "华为", "ORGANIZATION") == ["华为"]


def test_who_works_at_a_maker_or_is_called_like_one() -> None:
    assert _left("入职华为手机", "华为", "ORGANIZATION") == ["华为"]
    assert _left("问小米手机号", "小米") == ["小米"]


def test_who_is_named_in_the_text_is_somebody_wherever_the_name_stands() -> None:
    text = "帕金森先生来电，问帕金森怎么办"
    tags = [Tag(at, at + 3, "PERSON", 0.9) for at in _places(text, "帕金森")]
    assert list(_THINGS.without(text, tags)) == tags


@given(text=st.text("王阿托伐他汀华法林苹果5个吃", max_size=16), start=st.integers(0, 15), length=st.integers(1, 6))
def test_what_is_left_out_is_all_but_a_character_in_a_thing(text: str, start: int, length: int) -> None:
    end = min(len(text), start + length)
    tag = Tag(min(start, end), end, "PERSON", 0.9)
    names = [*_THINGS.names, "苹果", "小米"]
    covered = {at for name in names for found in _places(text, name) for at in range(found, found + len(name))}
    if not list(_THINGS.without(text, [tag])):
        assert len(set(range(tag.start, tag.end)) - covered) <= 1


def _places(text: str, name: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(name, at)]


@pytest.mark.parametrize(
    ("text", "firm"),
    [
        ("她是最美的", "美的"),
        ("没那么美的啦", "美的"),
        ("让人联想的画面", "联想"),
        ("一下联想到童年", "联想"),
        ("不懂就百度一下", "百度"),
        ("请自行百度", "百度"),
        ("弟弟在外地上大学", "上大学"),
    ],
)
def test_a_word_that_a_firm_is_called(text: str, firm: str) -> None:
    assert _left(text, firm, "ORGANIZATION") == []


@pytest.mark.parametrize(
    ("text", "firm"),
    [
        ("他在美的上班", "美的"),
        ("美的集团招人", "美的"),
        ("联想收购了它", "联想"),
        ("他会联想集团的人", "联想"),
        ("百度裁员了", "百度"),
        ("去百度面试", "百度"),
    ],
)
def test_a_firm_that_is_called_like_a_word(text: str, firm: str) -> None:
    assert _left(text, firm, "ORGANIZATION") == [firm]
