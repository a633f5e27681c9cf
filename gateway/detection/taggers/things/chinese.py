"""Medicines, diseases and theorems among what a network took for names in Chinese characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.things.lists import listed

_FRUIT = frozenset({"苹果", "蘋果", "小米"})
_BEFORE_SOMEBODY = re.compile(
    r"(?:姓名|联系人|聯絡人|患者|病人|客户|员工|作者|发件人|收件人)[:：][ ]?\Z|(?:亲爱的|名叫|叫做|我叫|我是|@)\Z"
)
_BEHIND_SOMEBODY = re.compile(
    "先生|女士|小姐|太太|教授|博士|老师|老師|同学|同學|同志|医生|医师|经理|總監|总监|主任|律师|法官|[说說]|告诉|回复|"
    "的(?:电话|手机|邮箱|地址|生日|妻子|丈夫|儿子|女儿)"
)
"""Somebody may be called like a disease."""
_FELL_ILL = re.compile("病[了倒重得]")
_COUNTED = re.compile(r"(?:[0-9一二两三四五六七八九十几半][个個斤颗顆箱片袋碗克]|[吃削洗啃][了着过]?(?:个|颗)?)\Z")
"""A firm is neither counted nor eaten."""


@dataclass(frozen=True, slots=True)
class ChineseThings:
    """`names`: of two characters and more."""

    names: frozenset[str]
    longest: int

    @classmethod
    def shipped(cls) -> ChineseThings:
        """The list that comes with the package."""
        names = listed("chinese.txt")
        return cls(names, max(map(len, names)))

    def without(self, text: str, tags: Iterable[Tag]) -> Iterator[Tag]:
        """`tags` without such: what lies in one, or ends a character behind it (`华法林能`)."""
        for tag in tags:
            if not (_is_fruit(text, tag) or (self._within(text, tag) and not _is_somebody(text, tag))):
                yield tag

    def _within(self, text: str, tag: Tag) -> bool:
        for start in range(max(0, tag.end - 1 - self.longest), tag.start + 1):
            least = tag.end - (tag.end - tag.start > 2)
            for end in range(max(least, start + 2), min(start + self.longest, len(text)) + 1):
                if text[start:end] in self.names and _FELL_ILL.match(text, end - 1) is None:
                    return True
        return False


def _is_somebody(text: str, tag: Tag) -> bool:
    before = _BEFORE_SOMEBODY.search(text, max(0, tag.start - 6), tag.start)
    return before is not None or _BEHIND_SOMEBODY.match(text, tag.end) is not None


def _is_fruit(text: str, tag: Tag) -> bool:
    return text[tag.start : tag.end] in _FRUIT and _COUNTED.search(text, max(0, tag.start - 4), tag.start) is not None
