"""Hashes, ids and keys of machines: letters and digits that are nobody's name."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gateway.detection.taggers.sieve import Tag

_IDENTIFIER = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,}|(?=[0-9A-F]*[0-9])(?=[0-9A-F]*[A-F])[0-9A-F]{8,}"
    r"|[A-Z]{2,10}-[0-9]{1,7}"
    r"|(?=[A-Z0-9]*[A-Z])(?=(?:[A-Z]*[0-9]){4})[A-Z0-9]{10,}"
    r")(?![A-Za-z0-9])"
)
"""UUIDs (RFC 9562), hexadecimal with digits and letters (commits, digests, trace ids), keys of tickets, and what else has
ten capitals and digits (parcels, papers)."""


_DIGIT = re.compile("[0-9]")
_PARTS = frozenset(string.ascii_letters + string.digits + "-")
_REACH = 128
"""How far beyond an end of a name that something is glued to an identifier may go on: a SHA-512 has 128 digits."""


def outside_identifiers(text: str, tags: Iterable[Tag]) -> Iterator[Tag]:
    """`tags` without those inside an identifier, and without what reaches into one. A longer name may well contain one."""
    if _DIGIT.search(text) is None:
        yield from tags
        return
    for tag in tags:
        left = max(0, tag.start - _REACH) if text[tag.start - 1 : tag.start] in _PARTS else tag.start
        right = tag.end + _REACH if text[tag.end : tag.end + 1] in _PARTS else tag.end
        if _DIGIT.search(text, left, right) is None:
            yield tag
            continue
        met = [match.span() for match in _IDENTIFIER.finditer(text, left, right)]
        rest = _outside(text, tag, met) if met else tag
        if rest is not None:
            yield rest


def _outside(text: str, tag: Tag, met: Iterable[tuple[int, int]]) -> Tag | None:
    """What of the tag begins and ends outside identifiers; None where nothing but numbers is left, or several of them."""
    for start, end in met:
        if start <= tag.start < end:
            tag = replace(tag, start=end)
        elif start < tag.end <= end:
            tag = replace(tag, end=start)
    value = text[tag.start : tag.end].strip()
    if not any(map(str.isalpha, _IDENTIFIER.sub("", value))):
        return None
    start = text.index(value, tag.start)
    return replace(tag, start=start, end=start + len(value))
