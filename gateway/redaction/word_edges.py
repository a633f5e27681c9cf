r"""Where words begin in JSON and in code: the `n` of an escape such as `\n` is part of no word, and neither are the digits of
`\u8bf7`, with which writers of JSON that keep to ASCII put `请`. Pure.
"""

from __future__ import annotations

import re
from string import hexdigits

_LETTER_OF_ASCII = "00(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF])"
_CHARACTER = rf"u(?!{_LETTER_OF_ASCII})[0-9a-fA-F]{{4}}"
_ESCAPES = re.compile(rf"(?<=\\)(?:[bfnrt]|{_CHARACTER}(?:\\+{_CHARACTER})*)")
_ESCAPED = re.compile(rf"\\(?:[bfnrt]|{_CHARACTER})\Z")
_BEGUN = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_LONGEST = len("\\u8bf7")
_NOTHING = "\0"
_MARKED = {ord(digit): 0xE000 + ord(digit) for digit in (*hexdigits, *"nrt")}  # for private use, and so in no word


def without_escapes(text: str) -> str:
    """A text as long as this one, in which the letters of escapes are no letters; which character one is can still be seen."""
    return _ESCAPES.sub(lambda found: marked(found.group()), text) if "\\" in text else text


def marked(escape: str) -> str:
    """The letter of an escape, or the digits of an escaped character, as `without_escapes` has them."""
    return escape.translate(_MARKED)


def character_before(text: str, at: int) -> str:
    """What stands before this place, which is nothing of a word where an escape ends."""
    before = text[max(at - _LONGEST, 0) : at]
    return _NOTHING if "\\" in before and _ESCAPED.search(before) else before[-1:]


def end_of(text: str) -> str:
    """What has to be known of the end of a text, to know where words begin in what goes on from there."""
    before = text[-_LONGEST:]
    begun = _BEGUN.search(before) if "\\" in before else None
    return begun.group() if begun else character_before(before, len(before))
