"""Names in Latin letters between Chinese characters: what stands there in capitals, word for word, is one name.

The network for words saw few of them, and takes `Murugan` without the `Senthil` before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from gateway.detection.taggers.sieve import Tag

_SHORE = r"[\u3001-\u301f\u3400-\u9fff\uff01-\uffee]"
_CHINESE = re.compile(_SHORE)
_WORD = "[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f’'-]*+"
_ISLAND = re.compile(rf"(?:(?<={_SHORE})|(?<!\S)(?<!\S ))({_WORD}(?: {_WORD}){{1,3}})(?={_SHORE})")


def whole_islands(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, where a person's that lies in two to four such words is all of them."""
    if text.isascii() or _CHINESE.search(text) is None or not any(tag.entity == "PERSON" for tag in tags):
        return list(tags)
    islands = [found.span(1) for found in _ISLAND.finditer(text)]
    return [_whole(tag, islands) if tag.entity == "PERSON" else tag for tag in tags]


def _whole(tag: Tag, islands: Sequence[tuple[int, int]]) -> Tag:
    at = bisect_right(islands, tag.start, key=_start)
    if not at or tag.end > islands[at - 1][1]:
        return tag
    start, end = islands[at - 1]
    return replace(tag, start=start, end=end)


def _start(island: tuple[int, int]) -> int:
    return island[0]
