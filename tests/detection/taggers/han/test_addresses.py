"""The rest of a Chinese address, behind what a network knows of it."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.addresses import whole_addresses
from gateway.detection.taggers.sieve import Tag


def named(text: str, *values: str) -> list[str]:
    """The places in `text` after `values` were tagged in this order."""
    tags = [Tag(text.index(value), text.index(value) + len(value), "LOCATION", 0.9) for value in values]
    return [text[tag.start : tag.end] for tag in whole_addresses(text, tags)]


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [
        ("住铁西区启工街，", "铁西区", "铁西区启工街"),
        ("住铁西区启工街12号3栋501室，", "铁西区", "铁西区启工街12号3栋501室"),
        ("在涩谷区神南1-19-11，", "涩谷区神南", "涩谷区神南1-19-11"),
        ("在蓝湾软件园二期办公", "蓝湾软件园", "蓝湾软件园二期"),
        ("寄到江山路8号院2单元", "江山路", "江山路8号院2单元"),
        ("寄到江山路 8 号院 2 单元 501 室，", "江山路", "江山路 8 号院 2 单元 501 室"),
        ("在江山路8号恒晖大厦", "江山路", "江山路8号"),
        ("江山大厦12层见", "江山大厦", "江山大厦12层"),
        ("江山大厦 5F 前台", "江山大厦", "江山大厦 5F"),
        ("江山路 8 点见", "江山路", "江山路"),
        ("公园3号门见", "公园", "公园"),
        ("上海2024-05-01的天气", "上海", "上海"),
        ("海淀区的路口", "海淀区", "海淀区"),
        ("海淀区有条街道很长", "海淀区", "海淀区"),
    ],
)
def test_an_address_goes_on(text: str, value: str, whole: str) -> None:
    assert named(text, value) == [whole]


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [
        ("大家避雷五道湾那家", "避雷五道湾", "五道湾"),
        ("大家避雷五道湾那家", "雷五道湾", "五道湾"),
        ("拔草江山里的店", "草江山里", "江山里"),
        ("去雷山看看", "雷山", "雷山"),
        ("避雷山", "雷山", "雷山"),
        ("草湾的店", "草湾", "草湾"),
        ("今早安徽合肥有雨", "安徽合肥", "安徽合肥"),
        ("早安安徽合肥", "早安安徽合肥", "安徽合肥"),
    ],
)
def test_a_verb_before_a_place(text: str, value: str, whole: str) -> None:
    assert named(text, value) == [whole]


def test_the_number_of_a_house_is_not_the_next_names() -> None:
    assert named("在江山路 8 号恒晖大厦", "江山路", "号恒晖大厦") == ["江山路 8 号", "恒晖大厦"]


def test_no_gap_between_a_district_and_its_street() -> None:
    assert named("住渝中区枇杷山正街。", "渝中区", "山正街") == ["渝中区枇杷山正街"]


def test_no_character_is_lost_between_a_county_and_its_town() -> None:
    assert named("住安西县上安西镇。", "安西县", "安西镇") == ["安西县上安西镇"]
    assert named("住安西县和安西镇。", "安西县", "安西镇") == ["安西县", "安西镇"]
    assert named("住安西县远离安西镇。", "安西县", "安西镇") == ["安西县", "安西镇"]


def test_north_road_is_no_name() -> None:
    assert named("沿解放北路走", "北路") == ["解放北路"]
    assert named("走到南街，", "南街") == ["南街"]
    assert named("北路", "北路") == ["北路"]
    assert named("拿下中路", "中路") == ["中路"]


@pytest.mark.parametrize(
    ("text", "values"), [("海淀区和长安街", ("海淀区", "长安街")), ("上海市里有南京路", ("上海市", "南京路"))]
)
def test_two_places_stay_two(text: str, values: tuple[str, str]) -> None:
    assert named(text, *values) == list(values)


def test_only_places_go_on() -> None:
    tag = Tag(0, 3, "ORGANIZATION", 0.9)
    assert whole_addresses("铁西区启工街", [tag]) == [tag]


def test_a_street_and_the_districts_before_it_are_one() -> None:
    assert named("住青州省临川市铁西区启工街12号。", "青州省", "临川市", "铁西区", "启工街12号") == [
        "青州省临川市铁西区启工街12号"
    ]
    assert named("青州省临川市", "青州省", "临川市") == ["青州省", "临川市"]
