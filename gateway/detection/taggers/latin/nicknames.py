"""A person with a nickname in the middle is one person: `Robert "Bob" Miller`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from gateway.detection.taggers.sieve import Tag

_GAP = re.compile(r""" ["“'(]|["”')]? """)
_NAME = re.compile(r"""[^"“”'()\n]+ (?:"[^"\n]+"|“[^”\n]+”|'[^'\n]+'|\([^)\n]+\)) [^"“”()\n]+""")


def whole_persons(text: str, tags: Iterable[Tag]) -> list[Tag]:
    """`tags`, in order, with the parts of such names joined where nothing but the nickname's marks lies between them."""
    joined: list[Tag] = []
    open_since = 0
    for tag in tags:
        joined.append(tag)
        if len(joined) > 1 and not _touches(text, joined[-2], tag):
            open_since = len(joined) - 1
        first = joined[open_since]
        if open_since < len(joined) - 1 and _NAME.fullmatch(text, first.start, tag.end):
            joined[open_since:] = [replace(first, end=tag.end)]
    return joined


def _touches(text: str, left: Tag, right: Tag) -> bool:
    return left.entity == right.entity == "PERSON" and _GAP.fullmatch(text, left.end, right.start) is not None
