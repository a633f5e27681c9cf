"""Reads text in Latin letters (Greek, Cyrillic and others between spaces count as such) word by word."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from struct import Struct
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from gateway.detection.taggers.lexicon import Lexicon
from gateway.detection.taggers.tokens import Tokens

_LETTER = (
    "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0300-\u036f\u0370-\u03ff\u0400-\u052f\u0531-\u0587"
    "\u05d0-\u05ea\u0620-\u06ff\u0900-\u0dff\u10a0-\u10ff\u1e00-\u1fff"
)
_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[^\S\n]*(?:[{_LETTER}]+(?:['’](?![sS](?![{_LETTER}]))[{_LETTER}]+)*|[0-9]+|[{_HAN}]+|\n|\S)")
"""A token and the white space before it; behind the last one there must be none, or every place in it would be tried."""
_SPACE = "".join(c for c in map(chr, range(0x3001)) if c.isspace() and c != "\n")
_LONGEST_DIGITS = 6
_LONG_WORD = 4
_SHORT_WORD = 4
_SHAPES = 24
_AFFIXES = 4096
_COLUMNS = 6
_pack = Struct(f"{_COLUMNS}i").pack


class LatinReader:
    """Features: the word, its first three, last three and last two letters, its shape, and what lists say of it.

    `vocabulary` are the words with an id of their own, in lower case; all others share id 0 and are known by their affixes.
    `lexicon` gives bits: 1 a given name, 2 a family name, 4 a word of a place's name, 8 an ordinary word.
    """

    def __init__(self, vocabulary: Sequence[str], lexicon: Lexicon) -> None:
        self._ids = {word: at for at, word in enumerate(vocabulary, 1)}
        self.lexicon = lexicon
        self._rows = _Rows(self._described, _usual(vocabulary))

    @property
    def sizes(self) -> tuple[int, ...]:
        return (len(self._ids) + 1, _AFFIXES, _AFFIXES, _AFFIXES, 2 * _SHAPES, 16)

    def read(self, text: str) -> Tokens:
        found = _TOKEN.findall(text, 0, len(text.rstrip(_SPACE)))
        ends = np.fromiter(accumulate(map(len, found)), np.int64, len(found))
        starts = ends - np.fromiter((len(token.lstrip()) or 1 for token in found), np.int64, len(found))
        ids = np.frombuffer(bytearray().join(map(self._rows.__getitem__, found)), np.int32).reshape(-1, _COLUMNS)
        if found and not starts[0]:
            ids[0, 4] -= _SHAPES  # a text's first token is not close to another one
        return Tokens(ids, starts, ends)

    def _described(self, token: str) -> bytes:
        """The features of a token, which depend on whether there is white space before it."""
        word = token.lstrip() or "\n"
        lower, close = word.lower(), len(word) == len(token)
        first, last, two = _affixes(lower)
        shape, klass = _shape(word) + close * _SHAPES, self.lexicon.class_of(_key(lower))
        return _pack(self._ids.get(lower, 0), first, last, two, shape, klass)


class _Rows(dict[str, bytes]):
    """What `describe` says of tokens: of `known` ones it is looked up, and what others are is not remembered."""

    def __init__(self, describe: Callable[[str], bytes], known: Iterable[str]) -> None:
        super().__init__((token, describe(token)) for token in known)
        self._describe = describe

    def __missing__(self, token: str) -> bytes:
        return self._describe(token)


def _usual(vocabulary: Iterable[str]) -> Iterator[str]:
    """How its words mostly stand in a text: behind a space, and short ones also at the beginning of something."""
    for word in vocabulary:
        for surface in {word, word.capitalize()}:
            yield f" {surface}"
            if len(word) <= _SHORT_WORD:
                yield surface


def word_keys(words: Sequence[str]) -> NDArray[np.uint64]:
    """The keys under which a lexicon knows words; they are given in lower case."""
    return np.array([_key(word) for word in words], np.uint64)


def _key(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))


def _affixes(word: str) -> tuple[int, int, int]:
    """Buckets of the first three letters, the last three and the last two."""
    if not word.isascii():
        return _key(word[:3]) % _AFFIXES, _key(word[-3:]) % _AFFIXES, _key(word[-2:]) % _AFFIXES
    coded = word.encode()
    return crc32(coded[:3]) % _AFFIXES, crc32(coded[-3:]) % _AFFIXES, crc32(coded[-2:]) % _AFFIXES


def _shape(word: str) -> int:
    """A small number for how a token is written; below `_SHAPES`."""
    first = word[0]
    if not first.isalpha():
        return min(len(word), _LONGEST_DIGITS) if first.isdecimal() else 7 + (first == "\n")
    if first >= "\u3040" and not first.islower() and not first.isupper():
        return 9
    size = min(len(word), _LONG_WORD) - 1
    if word.islower() or not (first.isupper() or first.islower()):
        return 10 + size
    if word[1:].islower() or len(word) == 1:
        return 14 + size
    return 18 + size if word.isupper() else 22 + first.isupper()
