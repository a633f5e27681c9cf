"""Cuts a long text into pieces of bounded size, for taggers whose time or memory grows with the length.

A cut falls where no name can lie: at the end of a line or sentence. Where there is none, the next piece begins a little
before the cut, so that what the cut divides is whole in one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SENTENCE_END = re.compile(r"\n|[。！？；!?](?=[^”』」]|$)|\.(?=\s)|;(?=\s)")
_GAP = re.compile(r"[\s，,、]")


def pieces(text: str, limit: int, overlap: int = 48) -> Iterator[tuple[int, str]]:
    """`(offset, piece)` with pieces of at most `limit` code points; `overlap` must be below half of `limit`."""
    start = 0
    while len(text) - start > limit:
        end, resume = _cut(text, start, limit, overlap)
        yield start, text[start:end]
        start = resume
    yield start, text[start:]


def _cut(text: str, start: int, limit: int, overlap: int) -> tuple[int, int]:
    """Where this piece ends and where the next one starts."""
    end = start + limit
    sentence = _last(_SENTENCE_END, text, start + limit // 2, end)
    if sentence is not None:
        return sentence, sentence
    gap = _last(_GAP, text, start + limit // 2, end)
    cut = end if gap is None else gap
    resume = _last(_GAP, text, max(cut - 2 * overlap, start + 1), cut - overlap)
    return cut, cut - overlap if resume is None else resume


def _last(regex: re.Pattern[str], text: str, start: int, end: int) -> int | None:
    """The end of the last match in `text[start:end]`."""
    last = None
    for match in regex.finditer(text, start, end):
        last = match.end()
    return last
