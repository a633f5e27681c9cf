"""Where the names of people begin and end."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.person_edges import whole_people
from gateway.detection.taggers.sieve import Tag


def named(text: str, *values: str, entity: str = "PERSON") -> list[str]:
    """The names in `text` after `values` were tagged in this order."""
    tags = [Tag(text.index(value), text.index(value) + len(value), entity, 0.9) for value in values]
    return [text[tag.start : tag.end] for tag in whole_people(text, tags)]


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [
        ("问祁师傅要钥匙", "祁师", "祁"),
        ("我爸练永福想挂号", "永福", "练永福"),
        ("受益人商小满。", "小满", "商小满"),
        ("女孩方肇新发出呼救", "肇新", "方肇新"),
        ("吴陆超13709391699", "吴陆", "吴陆超"),
        ("与朱阿婆相撞", "朱阿", "朱阿婆"),
        ("Tommy今天最后一天", "Tommy今天最后一天", "Tommy"),
        ("阮氏秋芳（越南）", "阮氏秋", "阮氏秋芳"),
        ("阮氏秋说，好", "阮氏秋", "阮氏秋"),
        ("阮氏秋来电话", "阮氏秋", "阮氏秋"),
        ("王刚说，明天来", "王刚", "王刚"),
        ("王刚共12人", "王刚", "王刚"),
        ("庞大发布公告", "庞大", "庞大"),
        ("王刚男35岁", "王刚", "王刚"),
        ("王刚的3本书", "王刚", "王刚"),
        ("问大师傅要钥匙", "大师傅", "大师傅"),
        ("任何永福都好", "永福", "永福"),
        ("Rain郑智薰来了", "Rain郑智薰", "Rain郑智薰"),
    ],
)
def test_a_name_as_far_as_it_reaches(text: str, value: str, whole: str) -> None:
    assert named(text, value) == [whole]


def test_two_that_were_taken_for_one() -> None:
    assert named("Lyn和Moon出战", "Lyn和Moon") == ["Lyn", "Moon"]


def test_no_name_takes_from_another() -> None:
    assert named("我爸练永福", "我爸练", "永福") == ["我爸练", "永福"]
    assert named("吴陆超13709391699", "吴陆", "超") == ["吴陆", "超"]


def test_what_a_line_of_a_form_begins_with_is_nobody() -> None:
    assert named("Email：见下", "Email") == []
    assert named("Tomiko：见下", "Tomiko") == ["Tomiko"]
    assert named("May：见下", "May") == ["May"]


def test_only_people() -> None:
    assert named("祁师傅，Lyn和Moon", "祁师", "Lyn和Moon", entity="LOCATION") == ["祁师", "Lyn和Moon"]
