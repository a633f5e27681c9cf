"""Divides a long text into parts that are read apart, so that whoever changes one place has only that place read again.

A border depends on nothing but the text beside it, never on how far away the beginning is: an insertion moves the borders
behind it and makes no new ones there. It lies at a blank line, after the end of a sentence or a block of code: no value runs
over such a place, and a label ends with no full stop (`Phone:`, blank line, number stay together; so do a question and its
answer). Nor does it lie where a number of five digits or more follows, or a code of as many capitals and digits
(`AB12 CDE`), near enough to a word before the border to get its meaning from there. Armour (`-----BEGIN` to
`-----END`) is never divided.

Every text is divided in this way, remembered or not, so that what is found never depends on what is remembered.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

WHOLE = 1_500
"""Code points up to which a text is not divided."""

_USUAL = 1_024
"""Code points of a part, on average, where there are borders enough."""

_CONTEXT = 48 + 16
"""Code points over which a word gives a number its meaning (`near` of the pattern recognizers), and what a number has."""

_BLANK_LINES = re.compile(r"\n(?:[ \t\r]*+\n)++")
_NUMBER = re.compile(r"\d(?:[^\w\n]{0,2}\d){4}")
_CODE = re.compile(r"(?=[A-ZＡ-Ｚ -]*\d)[A-ZＡ-Ｚ\d](?:[ -]?[A-ZＡ-Ｚ\d]){4}")
_ARMOUR = re.compile(r"-----(BEGIN|END)\b")
_ENDS = frozenset(".!…。！；;}")
_QUOTES = frozenset("\"'”’」』")


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """`(offset, part)`, in order: parts that tile the text, each with the blank lines behind it."""
    start = 0
    for end in _borders(text) if len(text) > WHOLE else ():
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _borders(text: str) -> Iterator[int]:
    """Of all possible borders those that their own paragraph chooses."""
    start = 0
    armour = _armour(text)
    hidden = next(armour, None)
    for blank in _BLANK_LINES.finditer(text):
        end = blank.end()
        while hidden and hidden[1] < end:
            hidden = next(armour, None)
        if (hidden and hidden[0] < end) or not _may_divide(text, blank.start(), end):
            continue
        if _ends_a_part(text, start, end):
            yield end
        start = end


def _armour(text: str) -> Iterator[tuple[int, int]]:
    """From each `-----BEGIN` to the next `-----END`."""
    start: int | None = None
    for mark in _ARMOUR.finditer(text):
        if mark[1] == "END" and start is not None:
            yield start, mark.start()
            start = None
        elif mark[1] == "BEGIN" and start is None:
            start = mark.start()


def _may_divide(text: str, before: int, after: int) -> bool:
    """Whether nothing that follows may have its meaning from what was said before these blank lines."""
    if after == len(text) or not _has_ended(text, before):
        return False
    return not any(held.search(text, after, after + _CONTEXT) for held in (_NUMBER, _CODE))


def _has_ended(text: str, at: int) -> bool:
    """Whether a sentence or a block of code ends here, in front of a few spaces at most."""
    before = text[max(0, at - 8) : at].rstrip(" \t\r")
    last = before[-1:]
    return last in _ENDS or (last in _QUOTES and before[-2:-1] in _ENDS) or before.endswith("```")


def _ends_a_part(text: str, start: int, end: int) -> bool:
    """A paragraph ends a part as often as it is long: parts come out about equally long, whatever paragraphs are like."""
    if end - start >= _USUAL:
        return True
    return zlib.crc32(text[start:end].encode("utf-8", "surrogatepass")) % _USUAL < end - start
