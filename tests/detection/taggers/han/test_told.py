"""People whom the text announces."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.told import TOLD
from gateway.detection.taggers.name_rules import NameRules


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("车主田野，手机13602551980。", ["田野"]),
        ("联系人信息，车主田野，手机136", ["田野"]),
        ("收件人田野 13602551980", ["田野"]),
        ("患者田野，女，45岁", ["田野"]),
        ("本人田野，身份证号", ["田野"]),
        ("绰号“黑皮”", ["黑皮"]),
        ("外號叫「阿B」的", ["阿B"]),
        ("他的笔名是立冬，", ["立冬"]),
        ("她姓Petrova，", ["Petrova"]),
        ("英文名Vivienne Lau。", ["Vivienne Lau"]),
        ("英文名叫Donal O'Keefe，", ["Donal O'Keefe"]),
        ("妹妹念念刚上小学", ["念念"]),
        ("同桌叫果果，", ["果果"]),
        ("司机田野现年45岁", ["田野"]),
        ("申请人本人田野，身份证号", ["田野"]),
        ("我的英文名是Vivienne。", ["Vivienne"]),
        ("请苗苗、婷婷的家长来", ["苗苗", "婷婷"]),
        ("拜托悠悠把U盘带来", ["悠悠"]),
        ("转账给妙妙500元", ["妙妙"]),
        ('"nickname": "打工人小田", "receiver":"桑吉·卓玛"', ["打工人小田", "桑吉·卓玛"]),
        ("receiver=欧小蔓, msg=缺货", ["欧小蔓"]),
        ("[consignee=桑吉·卓玛]", ["桑吉·卓玛"]),
        ("@小鱼干不咸 你上次说的店", ["小鱼干不咸"]),
        ("@小鱼干不咸 @晚风不晚99 看这个", ["小鱼干不咸", "晚风不晚99"]),
        ("回复@晚风不晚99:我也这么想", ["晚风不晚99"]),
        ("转自 @小鱼干不咸：开会了", ["小鱼干不咸"]),
    ],
)
def test_who_is_told(text: str, names: list[str]) -> None:
    assert set(names) == {text[tag.start : tag.end] for tag in NameRules(*TOLD).tags(text)}
    assert {tag.entity for tag in NameRules(*TOLD).tags(text)} == {"PERSON"}


@pytest.mark.parametrize(
    "text",
    [
        "联系人电话：13602551980",
        "联系人通过微信 wx 联系",
        "负责人应当在三日内，电话联系",
        "患者术后，男，45岁",
        "收件人先生，电话136",
        "她姓王，他叫我走",
        "英文名Email 是什么",
        "本名叫什么呀？",
        "死者姓顾今年60岁",
        "患者今年65岁",
        "联系人固定电话：",
        "法人家庭住址：",
        "快递员打来电话：",
        "乐园的英文名是Wolfenstein，",
        "红果果、怪石磊磊、浩浩长江、长豆豆了",
        "孩子看看书，妹妹天天迟到",
        "浩浩荡荡的车队",
        "心静静地想，拜托多多关照",
        '"name": "测试", "contact": "tel"',
        "@所有人 今天开会",
        "a@小鱼干 你好",
        "回复@所有人：收到",
        "回复：@一下",
        "已回复@，请看",
        "",
    ],
)
def test_who_is_not(text: str) -> None:
    assert list(NameRules(*TOLD).tags(text)) == []
