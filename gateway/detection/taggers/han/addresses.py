"""Chinese addresses from the large to the small: behind a district comes a street, behind it a number, a building, a door.

Networks lose the way where a street's name is rare; what such an address is made of is written in its last characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.detection.taggers.sieve import Tag

_DISTRICT = re.compile(r".+(?:[省市区县州盟旗镇乡]|街道)", re.DOTALL)
_DIGITS = "[0-9０-９]{1,6}(?:[-－之][0-9０-９]{1,5}){0,3}[A-Za-z]?"
_FEW = "(?:[一二三四五六七八九十]{1,3}|[A-Za-z])"
_UNIT = "号院?(?![线门机口馆厅台厂舱位])|號|弄|栋|棟|幢|单元|室|楼|樓|层(?!次)|座|期|门|户|铺|排"
_DOOR = rf"(?: ?{_DIGITS} ?(?:{_UNIT})| ?[0-9]{{1,2}}[Ff](?![A-Za-z0-9])|{_FEW}(?:栋|棟|幢|单元|座|期))"
_DOORS = rf"{_DOOR}{{1,6}}(?:[0-9]{{2,5}}(?![0-9年月日元]))?"
_TAIL = re.compile(rf"{_DOORS}|(?!(?:19|20)[0-9]{{2}}-)[0-9]{{1,5}}(?:-[0-9]{{1,5}}){{1,3}}(?![0-9-])")
_KIND = "大道|大街|胡同|新村|花园|家园|小区|路(?![口线程况边])|街(?![道头口上边])|巷(?!子)"
_WAY = rf"(?![的在与和有是了到去及从])[\u4e00-\u9fff]{{1,5}}?(?:{_KIND})"
_STREET = re.compile(rf"{_WAY}{{1,2}}(?:[东西南北中]?段)?(?:{_DOORS})?")
_IS_WAY = re.compile(r".+(?:大道|大街|胡同|[路街巷弄]|[村组路街][0-9０-９A-Za-z一-十号號栋棟幢单元室组排楼之-]+)", re.DOTALL)
_HOUSE, _FIGURES = re.compile(r"[0-9０-９]{1,6} ?\Z"), 7
_GAP = 3
_TOWN = re.compile(r"[\u3400-\u9fff]{1,6}(?:[镇乡]|街道)")
_WAY_ALONE = re.compile(r"[东西南北](?:[路街巷]|大[道街])")
_VERB = re.compile("避雷|扎根|早安|拔草|种草|怒赞|(?<=避)雷|(?<=[拔种])草|(?<=怒)赞")
"""What microblogs say before a place, which a network takes into the name, or its last character (no such: `今早安徽有雨`)."""
_LEADS = frozenset("号號避扎早拔种怒雷草赞")
"""With one of these begins what may stand before a name."""
_NAMED_SO = 2
"""Characters of a street's name before `北路`, and of what is left of a place without a verb."""
_NAMING = frozenset(map(chr, range(0x4E00, 0xA000))) - frozenset("的在与和有是了到去及从至")
"""What a street's name may consist of."""


def whole_addresses(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order and free of overlap, with the rest of each address, and no gap between a district and its street."""
    whole: list[Tag] = []
    tags = [_without_lead(text, tag) if text[tag.start] in _LEADS else tag for tag in tags]
    for at, tag in enumerate(tags, 1):
        limit = tags[at].start if at < len(tags) else len(text)
        tag = _continued(text, _with_its_name(text, tag), limit) if tag.entity == "LOCATION" else tag
        if whole and _goes_on(text, whole[-1], tag):
            whole[-1] = tag = replace(whole[-1], end=tag.end)
            while len(whole) > 1 and whole[-2].end == tag.start and _goes_on(text, whole[-2], tag):
                whole[-2:] = [tag := replace(whole[-2], end=tag.end)]
        else:
            whole.append(tag)
    return whole


def _without_lead(text: str, tag: Tag) -> Tag:
    """Without the `号` of a house before it (`8号恒晖大厦`), or a verb, if two characters are left (`避雷春熙路`)."""
    if text[tag.start] in "号號":
        is_a_house = _HOUSE.search(text, max(0, tag.start - _FIGURES), tag.start) is not None
        return replace(tag, start=tag.start + 1) if is_a_house else tag
    verb = _VERB.match(text, tag.start) if tag.entity == "LOCATION" else None
    return tag if verb is None or tag.end - verb.end() < _NAMED_SO else replace(tag, start=verb.end())


def _with_its_name(text: str, tag: Tag) -> Tag:
    """With the two characters before what is no street's name by itself: `建设` and `北路`."""
    if tag.end - tag.start > _GAP or _WAY_ALONE.fullmatch(text, tag.start, tag.end) is None:
        return tag
    start = tag.start - _NAMED_SO
    return replace(tag, start=start) if start >= 0 and all(c in _NAMING for c in text[start : tag.start]) else tag


def _continued(text: str, tag: Tag, limit: int) -> Tag:
    found = None
    if _DISTRICT.fullmatch(text, tag.start, tag.end):
        found = _STREET.match(text, tag.end, limit)
    found = found or _TAIL.match(text, tag.end, limit)
    return tag if found is None else replace(tag, end=found.end())


def _goes_on(text: str, large: Tag, small: Tag) -> bool:
    """A street right behind a district, or behind a few characters that were not seen as a part of its name."""
    gap = text[large.end : small.start]
    if not large.entity == small.entity == "LOCATION" or not all(c in _NAMING for c in gap):
        return False
    if len(gap) > _GAP:
        return False
    if _DISTRICT.fullmatch(text, large.start, large.end) is None:
        return False
    if _IS_WAY.fullmatch(text, small.start, small.end) is not None:
        return True
    return len(gap) == 1 and _TOWN.fullmatch(text, small.start, small.end) is not None
