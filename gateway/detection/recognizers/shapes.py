"""What patterns are made of: borders that hold beside Chinese characters, places to begin, gates, scores.

Presidio's `\\b` sees no border between a Han character and a digit, so `手机13812345678` is missed. All patterns here are
bounded by look-arounds on ASCII letters and digits instead.
"""

from __future__ import annotations

import re

WEAK = 0.5
LOOSE = 0.65
"""Of what a word has to explain and many things look like: more than a name around it, less than a form of its own."""
STRONG = 0.7
CERTAIN = 0.9

DIGIT_FIRST = re.compile(r"[0-9](?<![A-Za-z0-9][\s\S])")
"""Where a number can begin, for `starts`."""
WORD_FIRST = re.compile(r"[A-Za-z0-9+(](?<![A-Za-z0-9][\s\S])")
"""Where a value with letters can begin."""


def starts_with(first: str, then: str) -> re.Pattern[str]:
    """For `starts`: a character of `first` that nothing is glued to on the left, before `then`."""
    return re.compile(rf"[{first}](?<![A-Za-z0-9][\s\S])(?={then})")


_LEFT, _RIGHT = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_NOT_AFTER_PART, _NOT_BEFORE_PART = r"(?<![0-9][-.])", r"(?![-.][0-9])"


def word(core: str) -> str:
    """`core` with no ASCII letter or digit on either side."""
    return f"{_LEFT}(?:{core}){_RIGHT}"


def number(core: str) -> str:
    """`word`, and also not a part of a longer dotted or dashed number (versions, UUIDs, decimals)."""
    return f"{_LEFT}{_NOT_AFTER_PART}(?:{core}){_RIGHT}{_NOT_BEFORE_PART}"


def digits(text: str) -> str:
    """The ASCII digits of `text`, without its separators."""
    return re.sub(r"[^0-9]", "", text)


def digit_run(least: int, joints: str = " -") -> str:
    """The gate of a number of at least so many digits, with at most one of `joints` between two of them."""
    return f"[0-9](?:[{joints}]?[0-9]){{{least - 1}}}"


FIVE_DIGITS = "[0-9](?:[ ./()-]*[0-9]){4}"
"""The gate of numbers that a word has to explain: coarse, because many gates that count cost RE2 more than they spare."""
