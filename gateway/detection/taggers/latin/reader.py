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
_FREQUENT = 1_500
_NUMBERS = (*map(str, range(1_000)), *(f"0{digit}" for digit in range(10)), *map(str, range(1_900, 2_100)))
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
        ends = list(accumulate(map(len, found)))
        ids = np.frombuffer(bytearray().join(map(self._rows.__getitem__, found)), np.int32).reshape(-1, _COLUMNS)
        starts = _Starts(found, ends)
        if found and not starts[0]:
            ids[0, 4] -= _SHAPES  # a text's first token is not close to another one
        return Tokens(ids, starts, ends)

    def listed(self, word: str) -> int:
        """What lists say of a word in lower case, in the bits of `lexicon`."""
        return self.lexicon.class_of(_key(_plain(word)))

    def knows(self, word: str) -> bool:
        """Whether a word in lower case is one of the vocabulary."""
        return _plain(word) in self._ids

    def _described(self, token: str) -> bytes:
        """The features of a token, which depend on whether there is white space before it."""
        word = token.lstrip() or "\n"
        lower = _plain(word.lower())
        shape = _shape(word) + _SHAPES * (len(word) == len(token))
        if not lower.isascii():
            affixes = (_key(lower[:3]) % _AFFIXES, _key(lower[-3:]) % _AFFIXES, _key(lower[-2:]) % _AFFIXES)
            return _pack(self._ids.get(lower, 0), *affixes, shape, self.lexicon.class_of(_key(lower)))
        coded = lower.encode()
        return _pack(
            self._ids.get(lower, 0),
            crc32(coded[:3]) % _AFFIXES,
            crc32(coded[-3:]) % _AFFIXES,
            crc32(coded[-2:]) % _AFFIXES,
            shape,
            self.lexicon.class_of(crc32(coded)),
        )


class _Starts:
    """Where tokens start behind the white space before them; only those that are asked for are looked at."""

    def __init__(self, found: Sequence[str], ends: Sequence[int]) -> None:
        self._found, self._ends = found, ends

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[int]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, at: int, /) -> int:
        return self._ends[at] - (len(self._found[at].lstrip()) or 1)


class _Rows(dict[str, bytes]):
    """What `describe` says of tokens: of `known` ones it is looked up, and what others are is not remembered."""

    def __init__(self, describe: Callable[[str], bytes], known: Iterable[str]) -> None:
        super().__init__((token, describe(token)) for token in known)
        self._describe = describe

    def __missing__(self, token: str) -> bytes:
        return self._describe(token)


def _usual(vocabulary: Sequence[str]) -> Iterator[str]:
    """How its words, the most frequent first, mostly stand in a text: behind a space, and some where something begins."""
    for at, word in enumerate(vocabulary):
        frequent = at < _FREQUENT
        for surface in {word, word.capitalize(), word.upper() if frequent else word}:
            yield f" {surface}"
            if frequent or len(word) <= _SHORT_WORD:
                yield surface
    for number in _NUMBERS:
        yield from (number, f" {number}")


def word_keys(words: Sequence[str]) -> NDArray[np.uint64]:
    """The keys under which a lexicon knows words; they are given in lower case."""
    return np.array([_key(word) for word in words], np.uint64)


def _plain(word: str) -> str:
    """With the apostrophe of keyboards, which most texts have: `I’ll` is the same word as `I'll`."""
    return word.replace("’", "'")


def _key(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))


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
