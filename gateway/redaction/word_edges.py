r"""Where words begin in JSON and in code: the `n` of an escape such as `\n` is part of no word. Pure."""

from __future__ import annotations

import re

_LETTER = re.compile(r"(?<=\\)[bfnrt]")
_ESCAPES = frozenset(f"\\{letter}" for letter in "bfnrt")
_NOTHING = "\0"


def without_escapes(text: str) -> str:
    """A text as long as this one, in which the letters of escapes are no letters."""
    return _LETTER.sub(_NOTHING, text) if "\\" in text else text


def character_before(text: str, at: int) -> str:
    """What stands before this place, which is nothing of a word where an escape ends."""
    pair = text[max(at - 2, 0) : at]
    return _NOTHING if pair in _ESCAPES else pair[-1:]
