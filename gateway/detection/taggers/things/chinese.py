"""Medicines, diseases and theorems among what a network took for names in Chinese characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.things.lists import listed

_FRUIT = frozenset({"苹果", "蘋果", "小米"})
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
        return (tag for tag in tags if not (self._within(text, tag) or _is_fruit(text, tag)))

    def _within(self, text: str, tag: Tag) -> bool:
        for start in range(max(0, tag.end - 1 - self.longest), tag.start + 1):
            least = tag.end - (tag.end - tag.start > 2)
            for end in range(max(least, start + 2), min(start + self.longest, len(text)) + 1):
                if text[start:end] in self.names:
                    return True
        return False


def _is_fruit(text: str, tag: Tag) -> bool:
    return text[tag.start : tag.end] in _FRUIT and _COUNTED.search(text, max(0, tag.start - 4), tag.start) is not None
