"""Words behind a Chinese name that belong to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.taggers.han.endings import whole_names
from gateway.detection.taggers.sieve import Tag

_TEXT = st.text("上海中行队部分支公司车站，a", max_size=30)


def named(text: str, *values: tuple[str, str]) -> list[tuple[str, str]]:
    """The names in `text` after `values`, each with its type, were tagged in this order."""
    tags = [Tag(text.index(value), text.index(value) + len(value), entity, 0.9) for value, entity in values]
    return [(text[tag.start : tag.end], tag.entity) for tag in whole_names(text, tags)]


@pytest.mark.parametrize(
    "ending", ["分行", "分公司市场部", "政府", "海军", "队", "女排", "警方", "地税", "乐队", "口腔", "药业"]
)
def test_a_place_becomes_an_organisation(ending: str) -> None:
    assert named(f"他在宁安{ending}，", ("宁安", "LOCATION")) == [(f"宁安{ending}", "ORGANIZATION")]


@pytest.mark.parametrize("ending", ["机场", "火车站", "步行街", "风景区", "捷運站"])
def test_a_place_goes_on(ending: str) -> None:
    assert named(f"去宁安{ending}", ("宁安", "LOCATION")) == [(f"宁安{ending}", "LOCATION")]


def test_an_organisation_goes_on() -> None:
    assert named("恒晖集团和莱阳队", ("恒晖", "ORGANIZATION"), ("莱阳", "ORGANIZATION")) == [
        ("恒晖集团", "ORGANIZATION"),
        ("莱阳队", "ORGANIZATION"),
    ]


@pytest.mark.parametrize("part", ["合规管理处", "资产评估司", "历史系", "纪律委员会", "莱阳支公司", "冰上训练中心"])
def test_a_part_of_an_organisation_belongs_to_it(part: str) -> None:
    assert named(f"他在恒晖银行{part}，", ("恒晖银行", "ORGANIZATION")) == [(f"恒晖银行{part}", "ORGANIZATION")]


@pytest.mark.parametrize("rest", ["向对方公司付款", "处理得很好", "的客服中心", "系统中断", "和某公司"])
def test_what_is_no_part_stays_outside(rest: str) -> None:
    assert named(f"恒晖银行{rest}", ("恒晖银行", "ORGANIZATION"))[0][0] == "恒晖银行"


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [("恒晖信托的人", "恒晖信", "恒晖信托"), ("恒晖信用的人", "恒晖信", "恒晖信"), ("宁安音协会员", "宁安音协", "宁安音协")],
)
def test_an_ending_that_was_cut(text: str, value: str, whole: str) -> None:
    assert named(text, (value, "ORGANIZATION")) == [(whole, "ORGANIZATION")]


def test_the_time_of_the_capital_is_no_place() -> None:
    assert named("北京的时间", ("北京", "LOCATION")) == [("北京", "LOCATION")]


def test_a_firm_and_its_branch_are_one() -> None:
    assert named("恒晖银行宁安分行信用卡中心", ("恒晖银行", "ORGANIZATION"), ("宁安", "LOCATION")) == [
        ("恒晖银行宁安分行信用卡中心", "ORGANIZATION")
    ]


@pytest.mark.parametrize("rest", ["队长来了", "海军官", "国际电影节", "很远", "", " branch", "口腔溃疡"])
def test_what_is_no_ending_stays_outside(rest: str) -> None:
    assert named(f"宁安{rest}", ("宁安", "LOCATION")) == [("宁安", "LOCATION")]


@pytest.mark.parametrize(
    "firm", ["商业银行", "外资银行", "各大银行", "这家公司", "某某公司", "房地产公司", "小额贷款公司", "上市公司", "业银行"]
)
def test_firms_in_general_are_no_names(firm: str) -> None:
    assert named(f"问{firm}，", (firm, "ORGANIZATION")) == []


@pytest.mark.parametrize("firm", ["建设银行", "工商银行", "恒晖公司", "发展银行", "南方航空公司", "大家保险公司", "多多公司"])
def test_firms_with_a_name_stay(firm: str) -> None:
    assert named(f"问{firm}，", (firm, "ORGANIZATION")) == [(firm, "ORGANIZATION")]


def test_people_and_single_characters_are_left_alone() -> None:
    assert named("王宁集团", ("王宁", "PERSON")) == [("王宁", "PERSON")]
    assert named("中队", ("中", "LOCATION")) == [("中", "LOCATION")]


def test_another_name_is_not_taken_in() -> None:
    text = "宁安火车站"
    assert named(text, ("宁安", "LOCATION"), ("车站", "ORGANIZATION")) == [("宁安", "LOCATION"), ("车站", "ORGANIZATION")]


@given(_TEXT, st.lists(st.integers(0, 30), max_size=6, unique=True))
def test_nothing_is_uncovered_and_nothing_overlaps(text: str, edges: list[int]) -> None:
    cuts = [edge for edge in sorted(edges) if edge <= len(text)]
    tags = [Tag(a, b, "LOCATION", 0.9) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    whole = whole_names(text, tags)
    assert {at for tag in tags for at in range(tag.start, tag.end)} <= {at for tag in whole for at in range(tag.start, tag.end)}
    assert all(left.end <= right.start for left, right in zip(whole, whole[1:], strict=False))


def test_a_firm_cut_before_its_trade_is_one() -> None:
    text = "与宁安恒晖计算机系统有限公司签约"
    assert named(text, ("宁安恒晖", "ORGANIZATION"), ("系统有限公司", "ORGANIZATION")) == [
        ("宁安恒晖计算机系统有限公司", "ORGANIZATION")
    ]
    assert named(text, ("宁安恒晖", "ORGANIZATION"), ("算机系统有限公司", "ORGANIZATION")) == [
        ("宁安恒晖计算机系统有限公司", "ORGANIZATION")
    ]
    assert named("宁安科技有限公司", ("宁安", "LOCATION"), ("科技有限公司", "ORGANIZATION")) == [
        ("宁安科技有限公司", "ORGANIZATION")
    ]


def test_a_bank_its_branchs_place_and_the_branch_are_one() -> None:
    tags = (("恒晖银行", "ORGANIZATION"), ("宁安", "LOCATION"), ("张江支行", "ORGANIZATION"))
    assert named("在恒晖银行宁安张江支行开户", *tags) == [("恒晖银行宁安张江支行", "ORGANIZATION")]


def test_what_is_parted_stays_two() -> None:
    tags = (("恒晖银行", "ORGANIZATION"), ("宁安", "LOCATION"), ("张江支行", "ORGANIZATION"))
    assert named("恒晖银行、宁安、张江支行", *tags) == [(value, entity) for value, entity in tags]
    firms = (("恒晖", "ORGANIZATION"), ("莱阳科技有限公司", "ORGANIZATION"))
    assert named("恒晖莱阳科技有限公司", *firms) == [(value, entity) for value, entity in firms]
    assert named("恒晖和科技有限公司", ("恒晖", "ORGANIZATION"), ("科技有限公司", "ORGANIZATION")) == [
        ("恒晖", "ORGANIZATION"),
        ("科技有限公司", "ORGANIZATION"),
    ]
