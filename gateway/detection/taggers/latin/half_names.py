"""The other half of a name: `Setareh` before `Ahmadi`, where the network knew but one of the two.

A word with a capital beside a person of one word, with one space between them, is a part of the name where it is a rare one:
neither in the network's vocabulary, which has titles and whatever else stands there, nor a place or an ordinary word by the
lists.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.detection.taggers.latin.introduced import ClassOf, may_be_a_name
from gateway.detection.taggers.sieve import Tag, stands_in_code

_LETTERS, _CAPITALS = "a-zß-öø-ɏḀ-ỿ", "A-ZÀ-ÖØ-ÞĀ-ɏḀ-ỿ"
_WORD = f"[{_CAPITALS}][{_LETTERS}]{{1,20}}"
_BEFORE = re.compile(rf"(?<![\w.@/#'’&-])({_WORD}) \Z")
_BEHIND = re.compile(rf" ({_WORD})(?![\w@/'’&-]|\.\w| [{_CAPITALS}&])")
_ONE_NAME = re.compile(_WORD)
_REACH = 24
_SAID_BEFORE = frozenset(
    """
    ciao gracias grazie liebe lieber liebes salut namaste salaam hallo chère chers estimado estimada caro buongiorno bom
    guten grüezi servus moin hej kära käre kjære hei merhaba selam sayın drogi droga ahoj zdravo cllr ustad hadji haji ibu encik
    tuan puan dott dottor avv sig hr fru maître
    """.split()
)
"""Greetings and titles of other languages."""


@dataclass(frozen=True, slots=True)
class HalfNames:
    """`class_of` is what lists say of a word in small letters, see `introduced`; `is_known`: the network knows that word."""

    class_of: ClassOf
    is_known: Callable[[str], bool]

    def whole(self, text: str, tags: Sequence[Tag]) -> list[Tag]:
        """`tags`, in order, where a person's of one word has the other half of the name as well."""
        whole = list(tags)
        for at, tag in enumerate(tags):
            if tag.entity == "PERSON" and _ONE_NAME.fullmatch(text, tag.start, tag.end):
                first = tags[at - 1].end if at else 0
                last = tags[at + 1].start if at + 1 < len(tags) else len(text)
                whole[at] = self._whole(text, tag, first, last)
        return whole

    def _whole(self, text: str, tag: Tag, first: int, last: int) -> Tag:
        """With the word before it or, if that is none of the name's, the one behind; they lie between `first` and `last`."""
        if text[tag.start - 1 : tag.start] == " ":
            left = max(first, tag.start - _REACH)
            is_small = text[left : tag.start - 1].rpartition(" ")[2].islower()
            before = None if is_small else _BEFORE.search(text, left, tag.start)
            if before is not None and self._is_half(before[1]) and not stands_in_code(text, tag):
                return replace(tag, start=before.start())
        behind = _BEHIND.match(text, tag.end, last) if text[tag.end : tag.end + 1] == " " else None
        if behind is not None and self._is_half(behind[1]) and not stands_in_code(text, tag):
            return replace(tag, end=behind.end())
        return tag

    def _is_half(self, word: str) -> bool:
        lower = word.lower()
        return lower not in _SAID_BEFORE and not self.is_known(lower) and may_be_a_name(word, self.class_of)
