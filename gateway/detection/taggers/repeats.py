"""A name that a text tells once clearly is a name wherever the text repeats it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from gateway.detection.literals import is_edge
from gateway.detection.taggers.sieve import Tag

_SURE = 0.9
_HAN = re.compile(r"[\u3400-\u9fff]{3,}")
_WORD = re.compile(r"[^\W\d_]{3,}")


def repeats(text: str, tags: Collection[Tag]) -> Iterator[Tag]:
    """Tags for the places where clear names stand again, whole or (a person's) by the last of their words.

    Only what is distinctive is looked for: a single Latin word that starts a name is one of `Mark`, `Will` and `May`.
    """
    known: dict[str, Tag] = {}
    for tag in tags:
        if tag.score is None or tag.score >= _SURE:
            value = text[tag.start : tag.end]
            words = value.split()
            if len(words) > 1 or _HAN.fullmatch(value) is not None:
                known.setdefault(value, tag)
            if len(words) > 1 and tag.entity == "PERSON" and words[-1].istitle() and _WORD.fullmatch(words[-1]) is not None:
                known.setdefault(words[-1], tag)
    taken = {(tag.start, tag.end) for tag in tags}
    for start, end in _places(text, known):
        if (start, end) not in taken:
            source = known[text[start:end]]
            yield Tag(start, end, source.entity, source.score)


def _places(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """What `Literals(names).find(text)` gives; nothing where each of `names`, all of which are in `text`, is there once.

    The names of one piece are too few to pay for a pattern of their own.
    """
    met: list[tuple[int, int]] = []
    for name in names:
        at, size = text.find(name), -len(name)
        while at >= 0:
            met.append((at, size))
            at = text.find(name, at + 1)
    if len(met) == len(names):
        return  # each stands where it was found
    done = 0
    for start, size in sorted(met):
        if start >= done and is_edge(text, start) and is_edge(text, start - size):
            yield start, start - size
            done = start - size
