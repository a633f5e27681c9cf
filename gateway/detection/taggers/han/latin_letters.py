"""Latin letters that belong to a Chinese name: before it (`AC恒晖`, `C马`), or behind it in brackets, as others spell it.

`弗里德森（Asgeir Fridson）` is one person twice. A short word in capitals behind a person is a post, though (`（CEO）`).
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gateway.detection.taggers.sieve import Tag, is_uncommon

_LETTER = r"A-Za-z\u00c0-\u024f"
_NO_PART = r"(?!(?ai:vs?|by|and|or|in|at|of|to|for|with|from|the|qq|wx|vx|id|tel|com|www|dj|mc|ft|feat|x)[·•-]?\Z)"
"""What stands between names or before one, and belongs to neither."""
_BEFORE = {
    "PERSON": re.compile(rf"(?<![A-Za-z0-9@._/-]){_NO_PART}(?:[A-Za-z]{{1,2}}|[A-Za-z]\.)[·•-]?\Z"),
    "ORGANIZATION": re.compile(rf"(?<![A-Za-z0-9@._/-]){_NO_PART}[A-Za-z][A-Za-z0-9]{{0,11}}[·•-]?\Z"),
}
_MAY_STAND_BEFORE = frozenset(string.ascii_letters + string.digits + ".·•-")
_BRACKETS = frozenset("（(")
_REACH = 16
_IN_BRACKETS = re.compile(rf"[（(](?P<name>[{_LETTER}][{_LETTER} .,'’·&-]{{1,48}})[）)]")
_BEFORE_CAPITALS = frozenset(" \t/\r\n")
_ON_A_CARD = re.compile(r"[ \t/]{0,3}\r?\n?(?P<name>[A-Z]{2,12}, ?[A-Z]{2,12}(?: [A-Z]{2,12}){0,2})(?![A-Za-z])")
"""As identity cards of Hong Kong have it."""
_POST = re.compile(r"[A-Z]{1,5}|[a-z]{1,5}")
_LEAST = {"PERSON": 3, "LOCATION": 2, "ORGANIZATION": 2}
_HAN = re.compile(r"[\u3400-\u9fff·•]+")


def with_latin(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order and free of overlap, with such letters."""
    whole: list[Tag] = []
    for at, tag in enumerate(tags):
        done = whole[-1].end if whole else 0
        limit = tags[at + 1].start if at + 1 < len(tags) else len(text)
        whole.append(_with_letters_before(text, tag, done))
        whole.extend(_in_brackets(text, tag, limit))
        if tag.entity == "PERSON" and text[tag.end : tag.end + 1] in _BEFORE_CAPITALS:
            whole.extend(_on_a_card(text, tag, limit))
    return whole


def _with_letters_before(text: str, tag: Tag, done: int) -> Tag:
    before = _BEFORE.get(tag.entity) if text[tag.start - 1 : tag.start] in _MAY_STAND_BEFORE else None
    last = text[tag.start - 1 : tag.start]
    if before is None or not (last.isascii() or last in "·•") or not _HAN.match(text, tag.start):
        return tag
    found = before.search(text, max(done, tag.start - _REACH), tag.start)
    return tag if found is None else replace(tag, start=found.start())


def _on_a_card(text: str, tag: Tag, limit: int) -> Iterator[Tag]:
    found = _ON_A_CARD.match(text, tag.end, limit) if _HAN.fullmatch(text, tag.start, tag.end) else None
    if found is not None:
        yield Tag(*found.span("name"), "PERSON", tag.score)


def _in_brackets(text: str, tag: Tag, limit: int) -> Iterator[Tag]:
    found = _IN_BRACKETS.match(text, tag.end, limit) if text[tag.end : tag.end + 1] in _BRACKETS else None
    if found is None or tag.end - tag.start < _LEAST.get(tag.entity, limit) or not _HAN.fullmatch(text, tag.start, tag.end):
        return
    name = found["name"]
    if is_uncommon(name.lower()) and not (tag.entity == "PERSON" and _POST.fullmatch(name)):
        yield Tag(*found.span("name"), tag.entity, tag.score)
