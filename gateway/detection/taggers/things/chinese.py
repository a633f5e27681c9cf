"""Medicines, diseases and theorems among what a network took for names in Chinese characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.detection.taggers.han.titled import SURNAMES
from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.things.lists import listed
from gateway.detection.taggers.things.somebody import acts, is_announced

_FRUIT = frozenset({"苹果", "蘋果", "小米"})
_GOES_ON = re.compile("病[了倒重得逝故危愈休假退房]|角色")
"""A character before the end of what would be a thing: somebody who is called like a disease falls ill."""
_COUNTED = re.compile(r"(?:[0-9一二两三四五六七八九十几半][个個斤颗顆箱片袋碗克]|[吃削洗啃][了着过]?(?:个|颗)?)\Z")
"""A firm is neither counted nor eaten."""
_OF_A_FIRM = re.compile("员工|員工|工程师|工程師|公司|实习")
"""But its people are counted."""


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
        """`tags` without such: what lies in one, or ends a character behind it (`华法林能`), but no surname.

        Who is named in the text is somebody wherever that name stands.
        """
        given = [(tag, self._is_one(text, tag)) for tag in tags]
        named = {text[tag.start : tag.end] for tag, is_one in given if not is_one}
        yield from (tag for tag, is_one in given if not is_one or text[tag.start : tag.end] in named)

    def _is_one(self, text: str, tag: Tag) -> bool:
        return _is_fruit(text, tag) or (self._within(text, tag) and not (is_announced(text, tag) or acts(text, tag)))

    def _within(self, text: str, tag: Tag) -> bool:
        for start in range(max(0, tag.end - 1 - self.longest), tag.start + 1):
            least = tag.end - (tag.end - tag.start > 2 and text[tag.end - 1] not in SURNAMES)
            for end in range(max(least, start + 2), min(start + self.longest, len(text)) + 1):
                if text[start:end] in self.names and _GOES_ON.match(text, end - 1) is None:
                    return True
        return False


def _is_fruit(text: str, tag: Tag) -> bool:
    if text[tag.start : tag.end] not in _FRUIT or _OF_A_FIRM.match(text, tag.end) is not None:
        return False
    return _COUNTED.search(text, max(0, tag.start - 4), tag.start) is not None
