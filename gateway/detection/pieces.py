"""Cuts a long text into pieces of bounded size.

For taggers a cut falls where no name can lie: at the end of a line or sentence. Where there is none, the next piece begins a
little before the cut, so that what the cut divides is whole in one of the two. Patterns look across lines and sentences for
their context, so their pieces always overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_SENTENCE_END = re.compile(r"\n|[。！？；!?](?=[^”』」]|$)|\.(?=\s)|;(?=\s)")
_GAP = re.compile(r"[\s，,、]")


_EDGE = 8
"""Code points next to a cut in which a pattern cannot tell whether a number goes on."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that begins at `offset` there, and how much of it its neighbours have as well."""

    offset: int
    text: str = field(repr=False)
    shared_before: int = 0
    shared_after: int = 0

    def settles(self, start: int, end: int) -> bool:
        """Whether what was found at `start` to `end` counts here: beside a cut a neighbour sees it whole, and better."""
        cut_before = start < _EDGE and end <= self.shared_before - _EDGE
        own = len(self.text) - self.shared_after
        cut_after = end > len(self.text) - _EDGE and start >= own + _EDGE
        return not (cut_before or cut_after)


def overlapping(text: str, limit: int, overlap: int) -> Iterator[Piece]:
    """Pieces of at most `limit` code points of which neighbours share `overlap`, which must be below `limit`.

    What is at most `overlap - 16` code points long is settled by at least one piece that has it whole.
    """
    start = 0
    while len(text) - start > limit:
        yield Piece(start, text[start : start + limit], overlap if start else 0, overlap)
        start += limit - overlap
    yield Piece(start, text[start:], overlap if start else 0, 0)


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
