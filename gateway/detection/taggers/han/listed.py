"""People in lists: what stands between two names is one, `方力、展望、张晓`, and so is an item among items that begin with one.

A list of names has no sentences that could tell a rare name; what tells it is the company that it keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gateway.detection.taggers.sieve import Tag

_SIGN = "、"
_NAME = (
    r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{1,8}[·•][\u3400-\u9fff·•]{1,12}|[A-Z][A-Za-z'-]{1,19}(?: [A-Z][A-Za-z'-]{1,19}){0,2}"
)
_BETWEEN = re.compile(rf"{_SIGN}(?P<name>{_NAME})(?={_SIGN})")
_ITEM = re.compile(
    rf"^[ \t]{{0,4}}[0-9]{{1,3}}[.、．)）][ \t]{{0,2}}(?P<name>{_NAME})(?=[ \t\u3000]|[（(+＋×:：，,][^\n]{{0,40}}$|"
    rf"[0-9]|\r?$)",
    re.MULTILINE,
)
_NOBODY = re.compile(
    ".*(?:们|公司|集团|医院|大学|学校|人员|老师|领导|家属|群众|记者|同事|朋友|家长|警察|医生|护士|律师|家人|父母|妻子|丈夫|"
    "儿子|女儿|孩子|[队球演]员|导演|编剧|嘉宾|[桥橋路街市县縣区區省镇鎮店馆館局语語族])|[各其某及和与等].*"
)
_FEWEST = 2
_SCORE = 0.85


def listed_people(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order and free of overlap, with such names; what was taken for a place or a firm there is a person as well."""
    people = {tag.start: tag.end for tag in tags if tag.entity == "PERSON"}
    if len(people) < _FEWEST:
        return list(tags)
    added = [*_in_a_row(text, people), *_below_each_other(text, people)]
    added = [one for one in added if not any(_crosses(tag, one) for tag in tags)]
    taken = {at for one in added for at in range(one.start, one.end)}
    return sorted([*(tag for tag in tags if tag.start not in taken), *added], key=_start)


def _in_a_row(text: str, people: dict[int, int]) -> Iterator[Tag]:
    ends = set(people.values())
    for found in _BETWEEN.finditer(text) if _SIGN in text else ():
        first, last = found.span("name")
        if first - 1 in ends and last + 1 in people and _may_be(text, first, last, people):
            yield Tag(first, last, "PERSON", _SCORE)


def _below_each_other(text: str, people: dict[int, int]) -> Iterator[Tag]:
    items = [found.span("name") for found in _ITEM.finditer(text)]
    known = sum(people.get(first) == last for first, last in items)
    if known >= _FEWEST and 2 * known >= len(items):
        yield from (Tag(first, last, "PERSON", _SCORE) for first, last in items if _may_be(text, first, last, people))


def _may_be(text: str, first: int, last: int, people: dict[int, int]) -> bool:
    return first not in people and _NOBODY.fullmatch(text, first, last) is None


def _crosses(tag: Tag, name: Tag) -> bool:
    """Whether it shares characters with the name and has others as well."""
    return tag.start < name.end and name.start < tag.end and not (name.start <= tag.start and tag.end <= name.end)


def _start(tag: Tag) -> int:
    return tag.start
