"""Medicines, diseases and theorems among what a network took for names in Chinese characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import re2

from gateway.detection.taggers.han.titled import SURNAMES
from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.things.lists import listed
from gateway.detection.taggers.things.somebody import acts, is_announced

_FRUIT = frozenset({"苹果", "蘋果", "小米"})
_GOES_ON = re.compile("病[了倒重得逝故危愈休假退房]|角色")
"""A character before the end of what would be a thing: somebody who is called like a disease falls ill."""
_COUNTED = re.compile(r"(?:[0-9一二两三四五六七八九十几半][个個斤颗顆箱片袋碗克]|[吃削洗啃][了着过]?(?:个|颗)?)\Z")
"""A firm is neither counted nor eaten."""
_FIGURES = frozenset("零〇壹贰叁肆伍陆柒捌玖貳參陸拾佰仟万萬亿億圆元角分整")
_AMOUNT = re.compile(f"[零〇壹贰叁肆伍陆柒捌玖貳參陸]*[拾佰仟][{''.join(sorted(_FIGURES))}]+")
"""Money as cheques have it: `陆佰柒拾`."""
_RECOMMEND = "安利"
_RECOMMENDED = re.compile(rf"{_RECOMMEND}(?=[了给你我他她过到一这个]|$)|(?<=[被我求狂烈裂吃]){_RECOMMEND}")
"""A verb of the young, else a firm."""
_WORDS = {
    "美的": re.compile(r"(?:(?<=[最很更挺太真多不])|(?<=[这那怎多]么)|(?<=特别|非常|十分|超级))美的"),
    "联想": re.compile(
        r"联想(?=[到起]|一下|力|能力|记忆)|(?:(?<=让人|令人|不禁|容易|引发|产生|自动)|(?<=[会能地]))联想(?![A-Z集公])"
    ),
    "百度": re.compile(r"百度(?=一下|一波|[过得]|出来|不到)|(?<=自行)百度"),
    "上大学": re.compile("上大学"),
}
"""Firms whose names are also what people do or say of something: where they do."""
_SENTENCE = 26
_RUN_TOGETHER = re.compile(f"[a-z]{{{_SENTENCE}}}")
"""A sentence without its spaces."""
_MAKERS = listed("makers.txt")
_MODEL = r"[A-Z]{0,3}[0-9]{1,3}[A-Z]?(?=[ ]?(?:Pro|Ultra|Max|Plus)|[，。、,!！?？的和与还跟；;\s]|\Z)"
_A_PRODUCT = re.compile(
    rf"[ ]?(?:{_MODEL}|Model|Mate|Pura|Note|Ultra|Galaxy|MINI|mini|[0-9]?系(?![统列])|手机|平板|电脑|笔记本|相机|"
    r"汽车(?!公司|集团|厂)|轿车|跑车|耳机|电视(?!台)|手表|手环|洗衣机|冰箱|空调|纯?牛奶|酸奶|运动鞋|球鞋|T恤)"
    r"(?!事业|部门|公司|研发|团队)"
)
"""Behind a maker: what is spoken of is a thing that many have."""
_OF_A_FIRM = re.compile("员工|員工|工程师|工程師|公司|实习")
"""But its people are counted."""


@dataclass(frozen=True, slots=True)
class ChineseThings:
    """`names`: of two characters and more."""

    names: frozenset[str]
    longest: int
    seen: Callable[[str], object]
    """Something, where one of them may stand in a text: in most there is none."""

    @classmethod
    def shipped(cls) -> ChineseThings:
        """The list that comes with the package."""
        names = listed("chinese.txt")
        return cls(names, max(map(len, names)), re2.compile("|".join(map(re2.escape, sorted(names)))).search)

    def without(self, text: str, tags: Iterable[Tag]) -> Iterator[Tag]:
        """`tags` without such: what lies in one, or ends a character behind it (`华法林能`), but no surname.

        Who is named in the text is somebody wherever that name stands.
        """
        tags = list(tags)
        some = bool(tags) and self.seen(text) is not None
        given = [(tag, _is_no_name(text, tag) or (some and self._is_one(text, tag))) for tag in tags]
        named = {text[tag.start : tag.end] for tag, is_one in given if not is_one}
        yield from (tag for tag, is_one in given if not is_one or text[tag.start : tag.end] in named)

    def _is_one(self, text: str, tag: Tag) -> bool:
        return self._within(text, tag) and not (is_announced(text, tag) or acts(text, tag))

    def _within(self, text: str, tag: Tag) -> bool:
        for start in range(max(0, tag.end - 1 - self.longest), tag.start + 1):
            least = tag.end - (tag.end - tag.start > 2 and text[tag.end - 1] not in SURNAMES)
            for end in range(max(least, start + 2), min(start + self.longest, len(text)) + 1):
                if text[start:end] in self.names and _GOES_ON.match(text, end - 1) is None:
                    return True
        return False


def _is_no_name(text: str, tag: Tag) -> bool:
    """What no list tells, or only with what stands beside it."""
    value = text[tag.start : tag.end]
    if len(value) >= _SENTENCE:
        return _RUN_TOGETHER.search(value) is not None
    if value in _FRUIT and _COUNTED.search(text, max(0, tag.start - 4), tag.start) is not None:
        return _OF_A_FIRM.match(text, tag.end) is None
    if value in _WORDS and tag.entity == "ORGANIZATION" and _WORDS[value].match(text, tag.start) is not None:
        return True
    if value in _MAKERS and tag.entity == "ORGANIZATION":
        return _A_PRODUCT.match(text, tag.end) is not None and not is_announced(text, tag)
    if value == _RECOMMEND:
        return _RECOMMENDED.match(text, tag.start) is not None
    return value[-1:] in _FIGURES and _AMOUNT.fullmatch(value) is not None
