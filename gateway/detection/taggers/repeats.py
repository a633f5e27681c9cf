"""A name that a text tells once clearly is a name wherever the text repeats it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

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
            for name in _names(text[tag.start : tag.end], tag.entity):
                known.setdefault(name, tag)
    taken = {(tag.start, tag.end) for tag in tags}
    for start, end in _places(text, known):
        if (start, end) not in taken:
            source = known[text[start:end]]
            yield Tag(start, end, source.entity, source.score)


def _places(text: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """What `Literals(names).find(text)` gives. The names of one piece are too few to pay for a pattern of their own."""
    done = 0
    for start, size in sorted((start, -len(name)) for name in names for start in _occurrences(text, name)):
        if start >= done and is_edge(text, start) and is_edge(text, start - size):
            yield start, start - size
            done = start - size


def _occurrences(text: str, name: str) -> Iterator[int]:
    at = text.find(name)
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _names(value: str, entity: str) -> Iterator[str]:
    words = value.split()
    if len(words) > 1 or _HAN.fullmatch(value):
        yield value
    if entity == "PERSON" and len(words) > 1 and _WORD.fullmatch(words[-1]) and words[-1].istitle():
        yield words[-1]
