"""Parts of addresses that stand alone, as neighbours and accident reports write them: `7栋1203的`, `沿人民路由南向北`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2

from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag

_BUILDING = "(?:号楼|号院|[栋棟幢座])"
_DOOR = rf"[0-9]{{1,3}}{_BUILDING}(?:[A-Za-z]座)?(?:[0-9]{{1,2}}单元)?[0-9]{{2,4}}[室号]?|[0-9]{{1,2}}单元[0-9]{{3,4}}室?"
_LAST = "(?:路|街|大道|巷|高速)"
_GOES = "(?:由[东西南北]|自[东西南北]|路口|交叉口|交汇|十字路)"
_ASIDE = "的在与和是了到去及从至沿经于由自向往走过这那每各条"
_WAY = rf"(?<=[沿至于在经与到和])(?:(?![{_ASIDE}])[\u3400-\u9fff]){{2,6}}?{_LAST}(?={_GOES})"
_FEW, _MANY = "[0-9]{1,3}", "[一二三四五六七八九十]{1,3}"
_REGIMENT = "(?:[0-9]{2,3}|[一二三四五六七八九〇○零十]{2,5})团"
_CORPS = rf"(?:第?(?:{_FEW}|{_MANY})师{_REGIMENT}(?:(?:{_FEW}|{_MANY})连)?|{_REGIMENT}(?:{_FEW}|{_MANY})连)"
"""Where people live who belong to a corps of settlers: `第七师一二五团3连`."""
_FORMS = (
    (re2.compile(_CORPS), re.compile(rf"(?<![0-9])(?:{_CORPS})(?![冠胜败续接锁])")),
    (re2.compile(_DOOR), re.compile(rf"(?<![0-9A-Za-z第.-])(?:{_DOOR})(?![0-9A-Za-z年月元])")),
    (re2.compile(rf"[沿至于在经与到和]\p{{Han}}{{2,6}}?{_LAST}{_GOES}"), re.compile(rf"[沿至于在经与到和](?P<name>{_WAY})")),
)
_SCORE = 0.85


def doors(text: str) -> Iterator[Tag]:
    """A tag for each such part."""
    for where, how in _FORMS:
        for place in where.finditer(text):
            found = how.match(text, place.start())
            if found is not None:
                yield Tag(*found.span("name" if how.groups else 0), "LOCATION", _SCORE)


DOORS = NameRule((rf"{_CORPS}|[0-9](?:{_BUILDING}|单元)|{_LAST}{_GOES}",), doors)
