"""How placeholders may be spelled in an answer, and what may still become one. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from gateway.redaction.placeholders import CLOSINGS, HIGHEST_NUMBER, MOST_BACKSLASHES, OPENINGS, Key, spelled, spelling_pattern
from gateway.redaction.recall import Recall
from gateway.redaction.word_edges import without_escapes

_SEPARATORS = "\\_ -\t"
_MOST_BETWEEN = 10  # separators in a row: two spaces, and eight backslashes of a closing bracket
_BRACKETS = frozenset(opening[0] for opening in OPENINGS)
_CLOSINGS_BEGUN = frozenset(closing[:length] for closing in CLOSINGS for length in range(len(closing)))
_LONGEST_DECORATION = MOST_BACKSLASHES + 32  # brackets, spaces and escaped underscores around a name, at most


@dataclass(frozen=True)
class Names:
    """The placeholders of an exchange; with `recall`, also all others of its types up to their highest numbers."""

    placeholders: Collection[Key] = field(repr=False)
    recall: Recall | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return bool(self.entities)

    def spellings_in(self, text: str, at: int) -> Iterator[re.Match[str]]:
        """What reads as a placeholder of these types, of whichever number."""
        return self._pattern.finditer(without_escapes(text), at) if self.entities else iter(())

    def may_begin(self, tail: str, before: str) -> bool:
        """Whether more characters could turn `tail` into a placeholder, or change the one that it is. May err towards yes."""
        body = _after_opening(tail)
        if body is None:
            return bool(self.entities)
        if body is tail and (before.isascii() and (before.isalnum() or before == "_")):
            return False
        return self._may_become_one(body)

    def may_be_longer(self, key: Key) -> bool:
        """Whether more digits behind its number would make it another one."""
        entity, number = key
        others = (other for kind, other in self.placeholders if kind == entity and other > number)
        own = any(str(other).startswith(str(number)) for other in others)
        return own or (self.recall is not None and self.recall.highest.get(entity, 0) >= 10 * number)

    @cached_property
    def entities(self) -> frozenset[str]:
        """The types whose placeholders may be restored."""
        return frozenset(entity for entity, _ in self.placeholders) | self._open_to

    @cached_property
    def longest(self) -> int:
        """Characters that a spelling can have, at most."""
        longest = [*self.placeholders, *((entity, HIGHEST_NUMBER) for entity in self._open_to)]
        return max((len(spelled(key)) * 2 for key in longest), default=0) + _LONGEST_DECORATION

    def _may_become_one(self, body: str) -> bool:
        """Whether `body` spells a beginning of a name, or all of it and perhaps the beginning of what may follow."""
        stem, end = "", 0
        for at, char in enumerate(body):
            if at - end > _MOST_BETWEEN:
                return False
            spelling = _boiled(char)
            if not self._begins_a_name(stem + spelling):
                if spelling == "0" and stem in self._types:  # before a number, as in `<PERSON_01>`
                    end = at + 1
                    continue
                rest = body[end:].lstrip(" \t")
                return rest in _CLOSINGS_BEGUN and self._is_name(stem)
            if spelling:
                stem, end = stem + spelling, at + 1
        return len(body) - end <= _MOST_BETWEEN

    def _begins_a_name(self, stem: str) -> bool:
        return stem in self._beginnings or self._is_open_name(stem)

    def _is_name(self, stem: str) -> bool:
        return stem in self._names or self._is_open_name(stem)

    def _is_open_name(self, stem: str) -> bool:
        return self._open_names is not None and self._open_names.fullmatch(stem) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return spelling_pattern(self.entities)

    @cached_property
    def _open_to(self) -> frozenset[str]:
        return frozenset(self.recall.highest) if self.recall is not None else frozenset()

    @cached_property
    def _open_names(self) -> re.Pattern[str] | None:
        return self.recall.names if self.recall is not None and self._open_to else None

    @cached_property
    def _types(self) -> frozenset[str]:
        return frozenset(map(_boiled_down, self.entities))

    @cached_property
    def _names(self) -> frozenset[str]:
        """The placeholders without brackets and separators, in upper case: what every accepted spelling boils down to."""
        return frozenset(_boiled_down(spelled(key)[1:-1]) for key in self.placeholders)

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        names = self._names | frozenset(map(_boiled_down, self._open_to))
        return frozenset(name[:length] for name in names for length in range(len(name) + 1))


def _boiled_down(spelling: str) -> str:
    """Upper case, ASCII digits, no separators."""
    return "".join(map(_boiled, spelling))


def _boiled(character: str) -> str:
    if character in _SEPARATORS:
        return ""
    return str(int(character)) if character.isdecimal() else character.upper()


def _after_opening(tail: str) -> str | None:
    """What follows an opening bracket; `tail` itself where there is none; None while the bracket is incomplete."""
    if tail[:1] not in _BRACKETS:
        return tail
    begun = "\\" + tail.lstrip("\\") if tail.startswith("\\\\") else tail
    for opening in OPENINGS:
        if begun.startswith(opening):
            return begun[len(opening) :]
        if opening.startswith(begun):
            return None
    return tail
