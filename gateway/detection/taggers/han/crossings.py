"""Crossings: `和平路与新华街交叉口东北角` is one place, though networks find two streets, or one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.detection.taggers.sieve import Tag

_LAST = frozenset("路街道线桥巷弄段河")
_AND = ("与", "和", "及", "跟", "同", "與")
_ASIDE = "的在是了到去从及和与至由向往那这"
_WAY = rf"(?:(?![{_ASIDE}])[\u3400-\u9fff0-9]){{1,10}}?(?:大道|大街|高速|[路街道线河巷弄桥])(?:[东西南北中]段)?"
_MEETING = ("交", "路口")
"""One of them is in each."""
_MEET = "(?:交[叉汇会界]路?[口处点]?|交口|[丁十]字路口|路口)"
_CROSSING = re.compile(rf"[与和及跟同與]{_WAY}{_MEET}(?:[东西南北]{{1,2}}[角侧口]?)?")


def whole_crossings(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order and free of overlap, with such places as one."""
    if not any(word in text for word in _MEETING):
        return list(tags)
    whole: list[Tag] = []
    for tag in tags:
        if whole and tag.start < whole[-1].end:
            if tag.end > whole[-1].end:
                whole.append(replace(tag, start=whole[-1].end))
            continue
        whole.append(_crossed(text, tag))
    return whole


def _crossed(text: str, tag: Tag) -> Tag:
    found = _CROSSING.match(text, tag.end) if _may_meet(text, tag) else None
    return tag if found is None else replace(tag, end=found.end())


def _may_meet(text: str, tag: Tag) -> bool:
    return tag.entity == "LOCATION" and text[tag.end - 1] in _LAST and text.startswith(_AND, tag.end)
