"""Whether somebody is named in a short text, of whom one has keyed tags only: a file's name, a path, a title. Pure.

Nobody has to have recognised the value there, so it is found in `Anna_Schmidt.pdf` too, and in what was written down before the
rules of today.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from gateway.keys.data_key import TenantKey

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+")
"""A Chinese character is a word of its own: nothing shows where a name ends."""
_BETWEEN = re.compile(r"[\W_]+")
_BEFORE, _BEHIND = frozenset("+#@&$€£¥*~"), "."
"""What may belong to a value, before its first word and behind its last: `+49 30`, `#1234-AB`, `J. R.`"""
_MOST = 24
"""Words of a value: a Chinese address has about as many characters."""
_FEWEST_DIGITS = 7
"""Of a phone number, which may have lost its `+` in a file's name."""


def is_named(owner: TenantKey, tags: Collection[bytes], text: str) -> bool:
    """Whether one of the values with these tags (`TenantKey.tag`) stands in the text, as whole words."""
    return any(owner.tag(one) in tags for one in _candidates(unicodedata.normalize("NFC", text)))


def _candidates(text: str) -> Iterator[str]:
    """Some words in a row: as they stand there, with a sign before or behind them, and with spaces between them."""
    words = [found.span() for found in _WORD.finditer(text)]
    apart = [_apart(text[start:end]) for start, end in words]
    for at, (start, _) in enumerate(words):
        first = start - (text[start - 1 : start] in _BEFORE)
        for count, (_, end) in enumerate(words[at : at + _MOST], start=1):
            plain = text[start:end]
            ways = {plain, text[first:end], text[start : end + (text[end : end + 1] == _BEHIND)]}
            if len(plain) > count:  # else it is Chinese, in which nothing stands between words
                ways.update(_spaced(plain, apart[at : at + count]))
            yield from ways


def _spaced(plain: str, apart: Sequence[str]) -> Iterator[str]:
    spaced = plain.replace("_", " ")
    yield from (spaced, _BETWEEN.sub(" ", plain), " ".join(apart))
    if plain[0].isdigit() and sum(map(str.isdigit, plain)) >= _FEWEST_DIGITS:
        yield f"+{spaced}"


def _apart(word: str) -> str:
    """`AnnaSchmidt` as `Anna Schmidt`: a part of it alone is still a part of a word."""
    return "".join(f" {letter}" if before.islower() and letter.isupper() else letter for before, letter in pairwise(f" {word}"))
