"""A copy of a text that is easier to read for recognizers, with the way back to the original offsets.

Full-width letters, digits of any script, exotic hyphens and spaces become ASCII; invisible characters go. The copy is
only ever looked at: what is sent upstream is the original, whose offsets the findings carry.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass, field

_INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_SPACES = "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"
_FULL_WIDTH = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff0b\uff0e\uff20\uff3f"
_TRIGGER = re.compile(rf"[{_INVISIBLE}{_HYPHENS}{_SPACES}{_FULL_WIDTH}]|(?![0-9])\d")


@dataclass(frozen=True, slots=True)
class Normalised:
    """The readable copy; `origin[i]` is where its character `i` stands in the original."""

    text: str = field(repr=False)
    origin: array[int] = field(repr=False)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original span of a span of the copy, with the invisible characters inside it."""
        return self.origin[start], self.origin[end - 1] + 1


def normalise(text: str) -> Normalised | None:
    """The readable copy, or None where it would not help: most texts are readable as they are."""
    if text.isascii() or _TRIGGER.search(text) is None:
        return None
    kept = [(n, _plain(c)) for n, c in enumerate(text) if c not in _INVISIBLE]
    return Normalised("".join(c for _, c in kept), array("Q", (n for n, _ in kept)))


def _plain(character: str) -> str:
    code = ord(character)
    if code < 0x80:
        return character
    if character in _HYPHENS:
        return "-"
    if character in _SPACES:
        return " "
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFEE0)
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
