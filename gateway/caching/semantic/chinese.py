"""What a Chinese question asks, without what makes no difference to its answer. Pure.

As in English, nothing is left out that does not stand in a table. Characters are not divided into words: the tables are applied
in order, to all texts alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.caching.semantic.chinese_tables import FRAMES, PHRASES, YES_NO
from gateway.caching.semantic.english import Reading
from gateway.caching.semantic.numbers import with_digits
from gateway.caching.semantic.tokens import Kind, Token

_REQUESTED = "解释|介绍|翻译|总结|概括|写|列|推荐|说明|比较|改写|润色|计算|查|描述|分析"

_COURTESIES = re.compile(
    rf"^(?:请问一下|请问|麻烦问一下|想问一下|我想问一下|我想问|想请教一下|请教一下|我想知道|我想了解|想知道|你知道|谁知道|有人知道|"
    rf"(?:你好|您好|早上好|嗨|在吗|打扰一下)[,!.]?|(?:麻烦|能否请|可以请|能不能请|请|劳驾)(?:你|您)|请(?=告诉|帮|把|将|怎|如何|为什么|{_REQUESTED})|麻烦(?=帮我|给我|把|将|{_REQUESTED})|"
    rf"(?:你|您)?(?:能不能|可不可以|可以|能否|能|可否)(?:请)?(?:帮我|帮忙|告诉我)|帮我|帮忙|告诉我|给我(?={_REQUESTED})|"
    rf"(?:我想|我要|我需要|想)(?=怎么|如何|怎样|知道))(?=.{{2}})[,]?"
)
_ENDINGS = re.compile(r"(?:[,.?!](?:谢谢|多谢|谢谢你|谢谢您|拜托了|急)|[,.?!呢啊呀哦嘛]|一下)$")
_A_BIT = re.compile(rf"({_REQUESTED})(?:出)?一下")


_HOW = re.compile(
    r"(?:用|有|通过)?(?:什么|哪些|啥)(?:方法|办法|方式)(?:能够|可以|能|来|去)?"
    r"|要?(?:怎么|如何|怎样)(?:才能够|才能|才可以|可以|能够|能)?(?!了|会|回事|办$|看|想|说|样|是|读|评价|做的)"
)
_HOW_ENDS = re.compile(
    r"(.+?)的?(?:具体)?(?:方法|步骤|流程|办法)(?:是什么|有哪些|是怎样的|是啥|是怎么样的)|(.+?)(?:怎么|如何|怎样)(?:操作|弄)"
)
_FIRST_PERSON = re.compile(r"^(?:我们|我|咱们)(?=要|想|应该|怎|如何|可以|能|该)|(?<=怎么)我")
_OWN = re.compile(r"(?:我的|自己的)")
_PLACE = re.compile(r"^(在.{1,12}?(?:上面|里面|上|中|里|下))(?:,)?(.+)$")


_FOREIGN = frozenset({Kind.LITERAL, Kind.NAME, Kind.WORD})
_PRIVATE = 0xE000
"""Where Unicode's private use area begins."""

_OF = re.compile(r"的(?=.)")
"""At the end it may say that something has happened, as in `怎么做的`."""


def chinese(tokens: Sequence[Token]) -> Reading:
    foreign = [token.text for token in tokens if token.kind in _FOREIGN]
    kind, rest = _asked(_plain("".join(_written(tokens))))
    return kind, tuple(foreign[ord(sign) - _PRIVATE] if _is_private(sign) else sign for sign in _counting(rest))


def _written(tokens: Sequence[Token]) -> list[str]:
    """What is not Han stands as a private character, so that no table reads it."""
    written, foreign = [], _PRIVATE
    for token in tokens:
        if token.kind in _FOREIGN:
            written.append(chr(foreign))
            foreign += 1
        else:
            written.append(with_digits(token.text) if token.kind is Kind.HAN else token.text)
    return written


def _is_private(sign: str) -> bool:
    return len(sign) == 1 and ord(sign) >= _PRIVATE


def _plain(said: str) -> str:
    before = ""
    while before != said:
        before = said
        said = _ENDINGS.sub("", _COURTESIES.sub("", said))
    said = _A_BIT.sub(r"\1", said)
    for phrase, instead in PHRASES:
        said = said.replace(phrase, instead)
    return said


def _asked(said: str) -> tuple[str, str]:
    yes_no = said.endswith("吗")
    said = said.removesuffix("吗")
    for pair, word in YES_NO:
        yes_no = yes_no or pair in said
        said = said.replace(pair, word)
    kind, rest = _ending_way(said) or _framed(said) or _way(said) or ("", said)
    return (f"{kind}?" if yes_no else kind), rest


def _framed(said: str) -> tuple[str, str] | None:
    for pattern, kind, rest in FRAMES:
        found = re.fullmatch(pattern, said)
        if found:
            return kind, found.expand(rest)
    return None


def _ending_way(said: str) -> tuple[str, str] | None:
    found = _HOW_ENDS.fullmatch(said)
    return ("怎么", _about_me_no_more(found[1] or found[2])) if found else None


def _way(said: str) -> tuple[str, str] | None:
    """`密码怎么重置` asks what `怎么重置密码` asks: what stands before goes behind, and so does a place."""
    before, how, after = _parted(_about_me_no_more(said))
    if not how or not after:
        return None
    rest = after + _FIRST_PERSON.sub("", before)
    place = _PLACE.fullmatch(rest)
    return "怎么", f"{place[2]}{place[1]}" if place else rest


def _parted(said: str) -> tuple[str, bool, str]:
    found = _HOW.search(said)
    return (said[: found.start()], True, said[found.end() :]) if found else (said, False, "")


def _about_me_no_more(said: str) -> str:
    return _OWN.sub("", _FIRST_PERSON.sub("", said))


def _counting(rest: str) -> list[str]:
    """Character by character; a number stays whole."""
    return re.findall(r"\d+(?:\.\d+)?|\S", _OF.sub("", rest.replace(",", "")))
