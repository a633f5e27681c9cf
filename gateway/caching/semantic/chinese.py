"""What a Chinese question asks, without what makes no difference to its answer. Pure.

As in English, nothing is left out that does not stand in a table. Characters are not divided into words: the tables are applied
in order, to all texts alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.caching.semantic.chinese_tables import (
    ABOUT_WORDS,
    DONE,
    DONE_TO_THINGS,
    FRAMES,
    OF,
    PHRASES,
    SAME,
    THINGS,
    YES_NO,
)
from gateway.caching.semantic.english import Reading
from gateway.caching.semantic.numbers import with_digits
from gateway.caching.semantic.tokens import Kind, Token

_REQUESTED = "解释|介绍|翻译|总结|概括|写|列|推荐|说明|比较|改写|润色|计算|查|描述|分析"
_TOLD = "解释|介绍|翻译|总结|概括|推荐|说明|描述|列出"

_COURTESIES = re.compile(
    rf"^(?!.*的人)(?:请问一下|请问|麻烦问一下|想问一下|我想问一下|我想问|想请教一下|请教一下|我想知道|我想了解|想知道|"
    rf"(?:你好|您好|早上好|嗨|在吗|打扰一下)[,!.]|(?:麻烦|能否请|可以请|能不能请|请|劳驾)(?:你|您)|"
    rf"请(?=告诉|帮|把|将|怎|如何|为什么|(?:{_REQUESTED})(?![人师书员]))|"
    rf"麻烦(?=帮我|给我|把|将|(?:{_REQUESTED})(?![人师书员]))|"
    rf"(?:你|您)?(?:能不能|可不可以|可以|能否|能|可否)(?:请)?(?:帮我|告诉我)|帮我|告诉我|给我(?={_TOLD}))(?=.{{2}})[,]?"
)
"""`你知道公司倒闭了吗` asks what somebody knows, `给我写信` for a letter, and
`帮我写信的人是谁` for another than `写信的人是谁`.
"""
_ENDINGS = re.compile(r"(?:[,.?!](?:谢谢|多谢|谢谢你|谢谢您|拜托了|急)|[,.?!啊呀哦])$")
_SAYS_THAT_IT_ASKS = re.compile(r"^(?:请问|麻烦问|想问|我想问)|[?]$")
_FOR_ME = re.compile(r".{0,8}(?:帮我|告诉我)")
_A_BIT = re.compile(rf"({_REQUESTED})(?:出)?一下")

_HOW = re.compile(
    r"有(?:什么|啥)(?:方法|办法)(?:可以|能|来)?"
    r"|要?(?:怎么|如何|怎样)(?:才能够|才能|才可以)?(?![了会能可不没还又这那老总就都]|回事|办$|看|想|说|样|是|读|评价|做的)"
)
"""But not `怎么不更新`, which asks why, nor `怎么能迟到`, which asks nothing."""
_HOW_ENDS = re.compile(r"(.+?)的(?:具体)?(?:方法|步骤|流程|办法)(?:是什么|是怎样的|是啥|是怎么样的)")
_FIRST_PERSON = re.compile(r"^我(?=要|应该|怎|如何|可以|能|该)")
_PLACE = re.compile(r"^(在.{1,12}?(?:上面|里面|上|中|里|下))(?:,)?(.+)$")
_IN_A_PLACE = re.compile(r"在.{1,12}?(?:上面|里面|上|中|里|下),?")
_IS_A_THING = re.compile(rf".*(?:{THINGS})")
_DONE = re.compile(DONE)
_DONE_TO_THINGS = re.compile(DONE_TO_THINGS)
_ABOUT_WORDS = re.compile(ABOUT_WORDS)
_OF = re.compile(rf"的(?={OF})")
_FRAMES = [(re.compile(pattern), kind, rest) for pattern, kind, rest in FRAMES]

_FOREIGN = frozenset({Kind.LITERAL, Kind.NAME, Kind.WORD})
_IN_NUMBERS = frozenset("0123456789.")
_PRIVATE = 0xE000
"""Where Unicode's private use area begins."""


def chinese(tokens: Sequence[Token]) -> Reading:
    foreign = [token.text for token in tokens if token.kind in _FOREIGN]
    said = "".join(_written(tokens))
    kind, rest = _asked(_plain(said))
    if not kind and _SAYS_THAT_IT_ASKS.search(said) and not _FOR_ME.match(said):
        kind = "?"
    return kind, tuple(foreign[ord(sign) - _PRIVATE] if _is_private(sign) else sign for sign in _counting(rest))


def _written(tokens: Sequence[Token]) -> list[str]:
    """What is not Han stands as a private character, so that no table reads it."""
    written, foreign = [""], _PRIVATE
    for token in tokens:
        if token.kind in _FOREIGN:
            written.append(chr(foreign))
            foreign += 1
            continue
        said = with_digits(token.text) if token.kind is Kind.HAN else token.text
        parts = said[0].isdigit() and written[-1][-1:] in _IN_NUMBERS  # `3 5楼` is not `35楼`
        written.append(f" {said}" if parts else said)
    return written


def _is_private(sign: str) -> bool:
    return len(sign) == 1 and ord(sign) >= _PRIVATE


def _plain(said: str) -> str:
    before = ""
    while before != said:
        before = said
        said = _ENDINGS.sub("", _COURTESIES.sub("", said))
    said = _A_BIT.sub(r"\1", said)
    for phrase, instead in PHRASES if _ABOUT_WORDS.search(said) else (*PHRASES, *SAME):
        said = said.replace(phrase, instead)
    return said


def _asked(said: str) -> tuple[str, str]:
    yes_no = said.endswith("吗")
    said = said.removesuffix("吗")
    for pair, word in YES_NO:
        yes_no = yes_no or pair in said
        said = said.replace(pair, word)
    kind, rest = _read(said.removesuffix("呢")) or ("", said)  # 你呢 asks `and you`
    return (f"{kind}?" if yes_no else kind), rest


def _read(said: str) -> tuple[str, str] | None:
    return _ending_way(said) or _framed(said) or _way(said)


def _framed(said: str) -> tuple[str, str] | None:
    for pattern, kind, rest in _FRAMES:
        found = pattern.fullmatch(said)
        if found:
            return kind, found.expand(rest)
    return None


def _ending_way(said: str) -> tuple[str, str] | None:
    found = _HOW_ENDS.fullmatch(said)
    return ("怎么", _FIRST_PERSON.sub("", found[1])) if found else None


def _way(said: str) -> tuple[str, str] | None:
    """`密码怎么重置` asks what `怎么重置密码` asks: a thing that stands before goes behind, and so does a place."""
    said = _FIRST_PERSON.sub("", said)
    found = _HOW.search(said)
    if not found or found.end() == len(said):
        return None
    before, after = said[: found.start()], said[found.end() :]
    if before and not _goes_behind(before, after):
        return "怎么", f"{before}\x02{after}"
    place = _PLACE.fullmatch(after)
    return "怎么", f"{place[2]}{before}{place[1]}" if place else f"{after}{before}"


def _goes_behind(before: str, after: str) -> bool:
    thing = _IS_A_THING.fullmatch(before) and _DONE.fullmatch(after)
    return bool(_IN_A_PLACE.fullmatch(before) or thing or _DONE_TO_THINGS.fullmatch(after))


def _counting(rest: str) -> list[str]:
    """Character by character; a number stays whole. Commas count: `不，能退吗` is not `不能退吗`."""
    return re.findall(r"\d+(?:\.\d+)?|\S", _OF.sub("", rest))
