"""People in lists."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.listed import listed_people
from gateway.detection.taggers.sieve import Tag


def named(text: str, *values: str, **others: str) -> list[tuple[str, str]]:
    """The names in `text` after `values` were tagged as people, and `others` as what they are given as."""
    said = [*((value, "PERSON") for value in values), *((value, entity) for entity, value in others.items())]
    tags = sorted(
        (Tag(text.index(one), text.index(one) + len(one), entity, 0.9) for one, entity in said), key=lambda tag: tag.start
    )
    return [(text[tag.start : tag.end], tag.entity) for tag in listed_people(text, tags)]


def test_between_two_people_is_a_third() -> None:
    names = [("方力", "PERSON"), ("展望", "PERSON"), ("张晓", "PERSON")]
    assert named("像方力、展望、张晓那样", "方力", "张晓") == names
    assert named("像方力、展望、张晓那样", "方力", "张晓", LOCATION="展望") == names


def test_an_item_among_items_with_people() -> None:
    text = "接龙：\n1. 方力 2份\n2. Emma 1份\n3. 张晓（代收）\n"
    assert named(text, "方力", "张晓") == [("方力", "PERSON"), ("Emma", "PERSON"), ("张晓", "PERSON")]
    assert named(text, "方力", "张晓", ORGANIZATION="Emma")[1] == ("Emma", "PERSON")


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("方力、展望和张晓", ("方力", "张晓")),
        ("方力、自由桥、张晓", ("方力", "张晓")),
        ("方力、巴斯克语、张晓", ("方力", "张晓")),
        ("方力、等人、张晓", ("方力", "张晓")),
        ("方力、警察、张晓", ("方力", "张晓")),
        ("方力、展望未来、", ("方力",)),
        ("1. 方力 来\n2. 张晓 来\n3. 打开包装 后\n4. 连接电源 后\n5. 长按开机 后\n", ("方力", "张晓")),
        ("", ()),
    ],
)
def test_what_is_no_such_list(text: str, people: tuple[str, ...]) -> None:
    assert named(text, *people) == [(one, "PERSON") for one in people]


def test_a_name_that_another_crosses_stays_as_it_was() -> None:
    assert named("方力、展望、张晓", "方力", "张晓", ORGANIZATION="望、") == [
        ("方力", "PERSON"),
        ("望、", "ORGANIZATION"),
        ("张晓", "PERSON"),
    ]
