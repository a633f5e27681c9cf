"""Who is cheered in a live stream or a chat: `东哥稳了`, `感谢霞姐送的火箭`.

Such a name is one character and a word of kinship, which a network often passes over, or finds with the first character of
the praise (`霞姐美` of `霞姐美哭了`). What is cried behind it tells; `大哥`, `学姐` and such are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import re2

from gateway.detection.taggers.han.titled import SURNAMES
from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag

_KIN = "哥姐叔爷总"
_KINDS = frozenset(_KIN)
_GIVEN = (
    "东强飞刚明涛超斌龙辉军文磊洋丽红娟梅敏静霞华伟鹏峰凯亮波勇杰"
    "浩宇辰琳芳玲莉颖慧倩雪娜佳燕萍虹英兰云霖昊晨轩阳豪旭坤锋俊晖健宁"
)
_NOBODY = frozenset("大小老师学空港的帅美表堂亲姨姑舅猛富胖少王时向和路家")
"""`师姐`, `王爷`, `少爷` and such."""
_PRAISE = (
    "稳了|牛[啊呀哇逼比掰批叉]|威武|真[牛帅棒强行]|太[帅牛强美猛]|好[帅强美猛]|辛苦了|加油|冲[鸭啊呀]|大气|豪[横气]|破费|最[棒帅美]|"
    "棒棒|绝了|厉害|666|yyds|美[哭炸爆呆翻]|生日快乐|新年快乐|[早晚]上?好|中午好|求翻牌|送的|刷的"
)
_CRIED = re2.compile(rf"[\p{{Han}}][{_KIN}](?:{_PRAISE})")
_CHEERED = re.compile(rf"(?P<name>[\u3400-\u9fff][{_KIN}])(?=(?:{_PRAISE}))")
_THANKS = re.compile(r"(?:谢谢|感谢|多谢|恭喜|欢迎|支持|祝)\Z")
_KNOWN = (SURNAMES | frozenset(_GIVEN)) - _NOBODY
_SCORE = 0.85
_LENGTH = 2
"""Characters of such a name."""


def cheered(text: str) -> Iterator[Tag]:
    """A tag for each such name that a remark begins with, or that follows thanks."""
    for place in _CRIED.finditer(text):
        found = _CHEERED.match(text, place.start())
        if found is not None and text[found.start()] in _KNOWN and _begins(text, found.start()):
            yield Tag(*found.span("name"), "PERSON", _SCORE)


def without_praise(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, where such a name ends before the praise behind it."""
    second = [text[tag.start + 1 : tag.start + _LENGTH] for tag in tags]
    if _KINDS.isdisjoint(second):
        return list(tags)
    return [replace(tag, end=tag.start + _LENGTH) if _is_praised(text, tag) else tag for tag in tags]


def _is_praised(text: str, tag: Tag) -> bool:
    if tag.entity != "PERSON" or tag.end - tag.start <= _LENGTH:
        return False
    return _CHEERED.match(text, tag.start) is not None


def _begins(text: str, at: int) -> bool:
    return not text[at - 1 : at].isalnum() or _THANKS.search(text, max(0, at - 2), at) is not None


CHEERED = NameRule((rf"[{_KIN}](?:{_PRAISE})",), cheered)
