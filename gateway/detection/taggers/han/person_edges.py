"""Where Chinese names end: networks cut a rare surname or the last character off, or take in the first one of a title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.detection.taggers.han.endings import ASIDE
from gateway.detection.taggers.han.titled import SURNAMES
from gateway.detection.taggers.sieve import Tag

_SURNAMES = SURNAMES | frozenset(
    "何高谢于任易常赖兰安芦季岳管祝牟卜成阳覃隋景单包丘古晋苑全冀谈连佟栗宗应巫谌伏胥逄厉濮帅练游商候解仝亓郄么买"
)
_HAN = re.compile(r"[\u3400-\u9fff]+")
_TITLES = frozenset(
    "师傅 师父 老师 经理 主任 教授 医生 书记 先生 女士 "
    "小姐 太太 律师 法官 警官 护士 阿姨 大爷 大妈 大姐 大哥 同学 同志 校长 院长".split()
)
_KIN = re.compile(
    r"(?:[我你他她][爸妈哥姐弟妹]|[女男]孩|[男女]子|[男女]友|父亲|母亲|妻子|丈夫|儿子|女儿|哥哥|姐姐|弟弟|妹妹|同学|"
    r"同事|老公|老婆|朋友|孩子|[益系件货车报害证请办款法护保告疑]人)\Z"
)
_LATIN = "[A-Za-z](?:[A-Za-z0-9.' -]*[A-Za-z0-9])?"
_LATIN_FIRST = re.compile(rf"{_LATIN}(?=[今明昨后说{ASIDE}][^A-Za-z]*\Z)")
_COLONS = frozenset(":：")
_FIELDS = frozenset(
    "a add address cc email e-mail fax id mail mobile msn phone q qq skype tel to url vx web wechat weixin whatsapp".split()
)
"""What a line of a form begins with: `Tel:`. Speakers in chats stand before a colon as well, so no word that is also a name."""
_TWO = re.compile(rf"({_LATIN})[和与及跟]({_LATIN})")
_UNFINISHED = frozenset("阿小")
_NO_LAST = re.compile(
    rf"[{ASIDE}说军等如部摄报讯女男年月日号省市县区电手微住地邮工饰演著编曲词唱称指认供述哭笑出入上下中内外前后]"
)
_NUMBER = re.compile("[0-9]{7}")
"""A telephone's."""
_GIVEN_LAST = 2
"""Characters of a surname and of the first of two characters of a given name."""


def whole_people(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order and free of overlap, with people's names as far as they reach."""
    whole: list[Tag] = []
    for at, tag in enumerate(tags, 1):
        done = whole[-1].end if whole else 0
        limit = tags[at].start if at < len(tags) else len(text)
        whole.extend(_people(text, tag, done, limit) if tag.entity == "PERSON" else (tag,))
    return whole


def _people(text: str, tag: Tag, done: int, limit: int) -> tuple[Tag, ...]:
    if _HAN.fullmatch(text, tag.start, tag.end):
        return (_person(text, tag, done, limit),)
    if (two := _TWO.fullmatch(text, tag.start, tag.end)) is not None:
        return replace(tag, end=two.end(1)), replace(tag, start=two.start(2))
    if text[tag.end : tag.end + 1] in _COLONS and text[tag.start : tag.end].lower() in _FIELDS:
        return ()
    latin = _LATIN_FIRST.match(text, tag.start, tag.end)
    return (tag if latin is None else replace(tag, end=latin.end()),)


def _person(text: str, tag: Tag, done: int, limit: int) -> Tag:
    if tag.end - tag.start > 1 and text[tag.end - 1 : tag.end + 1] in _TITLES:
        return replace(tag, end=tag.end - 1)
    if _lacks_surname(text, tag, done):
        tag = replace(tag, start=tag.start - 1)
    return replace(tag, end=tag.end + 1) if tag.end < limit and (_lacks_last(text, tag) or _of_a_clan(text, tag)) else tag


def _of_a_clan(text: str, tag: Tag) -> bool:
    """Whether one character more ends a Vietnamese name: `阮氏秋` and `芳`, before a sign."""
    if tag.end - tag.start != _GIVEN_LAST + 1 or text[tag.start + 1] != "氏" or not _HAN.match(text, tag.end):
        return False
    return _HAN.match(text, tag.end + 1) is None and _NO_LAST.match(text, tag.end) is None


def _lacks_surname(text: str, tag: Tag, done: int) -> bool:
    """Whether between a word of kinship and a given name a surname stands: `我爸练永福`."""
    if tag.end - tag.start > _GIVEN_LAST or tag.start - 1 < done or text[tag.start] in SURNAMES:
        return False
    return text[tag.start - 1] in _SURNAMES and _KIN.search(text, max(done, tag.start - 4), tag.start - 1) is not None


def _lacks_last(text: str, tag: Tag) -> bool:
    """Whether a surname and one character want another: before a number (`吴陆超137…`), or where none ends so (`朱阿婆`)."""
    if tag.end - tag.start != _GIVEN_LAST or text[tag.start] not in _SURNAMES or not _HAN.match(text, tag.end):
        return False
    if _NO_LAST.match(text, tag.end) is not None:
        return False
    return text[tag.end - 1] in _UNFINISHED or _NUMBER.match(text, tag.end + 1) is not None
