"""Firms whose names go on behind a bracket: `云杉置业（河西店）`, `远桥物流（中国）有限公司`.

Networks see two names there, or a name and a bracket that belongs to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.detection.taggers.han.endings import TRADE
from gateway.detection.taggers.sieve import Tag

_OPEN, _BRACKET = ("（", "("), re.compile("[（(]")
_H = r"[\u3400-\u9fff]"
_BRANCH = rf"[（(]{_H}{{1,9}}?(?:[分支]?[店行部]|分公司|[校院]区|分校|分院|分局)[)）]"
_FIRM = rf"[（(](?P<place>{_H}{{2,6}})[)）](?P<firm>{TRADE}{{0,8}}(?:股份)?(?:有限)?(?:责任)?(?:公司|集团))?"
_BEHIND = re.compile(rf"(?P<branch>{_BRANCH})|{_FIRM}")
_BEARERS = frozenset(("ORGANIZATION", "LOCATION", "PERSON"))
_LEAST = 2


def whole_firms(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order and free of overlap, with such firms as one."""
    if not _goes_on(text, {tag.end for tag in tags}):
        return list(tags)
    places = {(tag.start, tag.end) for tag in tags if tag.entity == "LOCATION"}
    whole: list[Tag] = []
    for tag in tags:
        if whole and tag.start < whole[-1].end:
            if tag.end > whole[-1].end:
                whole[-1] = replace(whole[-1], end=tag.end)
            continue
        whole.append(_with_bracket(text, tag, places) if text.startswith(_OPEN, tag.end) else tag)
    return whole


def _goes_on(text: str, ends: set[int]) -> bool:
    return any(place.start() in ends for place in _BRACKET.finditer(text))


def _with_bracket(text: str, tag: Tag, places: set[tuple[int, int]]) -> Tag:
    found = _BEHIND.match(text, tag.end) if tag.entity in _BEARERS and tag.end - tag.start >= _LEAST else None
    if found is None:
        return tag
    is_firm = tag.entity == "ORGANIZATION"
    if found["firm"] or (is_firm and (found["branch"] or found.span("place") in places)):
        return replace(tag, end=found.end(), entity="ORGANIZATION")
    return tag
