"""What a text is found by: words without their endings, pairs of Chinese characters, and placeholders as they are. Pure.

English words are reduced to stems (Snowball's Porter2); accents and case make no difference. Chinese, Japanese and Korean are
read in overlapping pairs of characters, which needs no dictionary and finds parts of words too. What nearly every text holds
is left out, which also leaves less to count for whoever has the index and not its key.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Protocol
from unicodedata import combining, normalize

from gateway.keys.data_key import TenantKey

_WIDE = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"(?P<stand_in><[A-Z][A-Z0-9_]*[_#][0-9a-f]+>)|(?P<wide>[{_WIDE}]+)|(?P<word>[^\W_{_WIDE}]+)")
_STOP = frozenset(
    "a an and are as at be but by for from if in into is it no not of on or such that the their then there these they this to "
    "was were will with what which who how do does did can i we you my our your".split()
)
_LONGEST = 64
"""Characters of a word; what is longer is no word, and its beginning says enough."""
_PURPOSE = "knowledge/terms"


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name


def terms(text: str) -> Mapping[str, int]:
    """The terms of a text, with how often each occurs."""
    return Counter(_terms(text))


def keyed(key: TenantKey, shelf: int, term: str) -> int:
    """A term as the index has it: 64 bits of an HMAC under a sub-key of the tenant's, another one on each shelf."""
    digest = hmac.digest(key.sub_key(_PURPOSE), f"{shelf}\0{term}".encode("utf-8", "surrogatepass"), "sha256")
    return int.from_bytes(digest[:8], "big", signed=True)


def _terms(text: str) -> Iterator[str]:
    for found in _TOKEN.finditer(normalize("NFKC", text)):
        token = found.group()
        if found["stand_in"]:
            yield token
        elif found["wide"]:
            yield from (token[at : at + 2] for at in range(len(token) - 1)) if len(token) > 1 else (token,)
        elif (folded := _folded(token)) not in _STOP:
            yield _stem(folded)


def _folded(word: str) -> str:
    plain = word[:_LONGEST].casefold()
    return plain if plain.isascii() else "".join(sign for sign in normalize("NFD", plain) if not combining(sign))


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    if not word.isascii() or not word.isalpha():
        return word
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> _Stemmer:
    import snowballstemmer

    stemmer: _Stemmer = snowballstemmer.stemmer("english")
    return stemmer
