"""Reads text in Latin letters (Greek, Cyrillic and others between spaces count as such) word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from gateway.detection.taggers.lexicon import Lexicon
from gateway.detection.taggers.tokens import Ids, Tokens

_LETTER = (
    "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0300-\u036f\u0370-\u03ff\u0400-\u052f\u0531-\u0587"
    "\u05d0-\u05ea\u0620-\u06ff\u0900-\u0dff\u10a0-\u10ff\u1e00-\u1fff"
)
_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_LETTER}]+(?:['’](?![sS](?![{_LETTER}]))[{_LETTER}]+)*|[0-9]+|[{_HAN}]+|\n|\S")
_LONGEST_DIGITS = 6
_LONG_WORD = 4
_SHAPES = 24
_AFFIXES = 4096
_COLUMNS = 6


class LatinReader:
    """Features: the word, its first three, last three and last two letters, its shape, and what lists say of it.

    `vocabulary` are the words with an id of their own, in lower case; all others share id 0 and are known by their affixes.
    `lexicon` gives bits: 1 a given name, 2 a family name, 4 a word of a place's name, 8 an ordinary word.
    """

    def __init__(self, vocabulary: Sequence[str], lexicon: Lexicon) -> None:
        self._ids = {word: at for at, word in enumerate(vocabulary, 1)}
        self.lexicon = lexicon
        surfaces = dict.fromkeys(s for word in vocabulary for s in (word, word.capitalize(), word.upper()))
        self._rows = {surface: at for at, surface in enumerate(surfaces)}
        self._features = self._described(list(surfaces))

    @property
    def sizes(self) -> tuple[int, ...]:
        return (len(self._ids) + 1, _AFFIXES, _AFFIXES, _AFFIXES, 2 * _SHAPES, 16)

    def read(self, text: str) -> Tokens:
        spans = [match.span() for match in _TOKEN.finditer(text)]
        words = [text[start:end] for start, end in spans]
        starts, ends = np.fromiter(chain.from_iterable(spans), np.int64, 2 * len(spans)).reshape(-1, 2).T
        ids = self._looked_up(words)
        ids[1:, 4][starts[1:] == ends[:-1]] += _SHAPES
        return Tokens(ids, starts, ends)

    def _looked_up(self, words: Sequence[str]) -> Ids:
        rows = np.array([self._rows.get(word, -1) for word in words], np.int64)
        ids: Ids = self._features[rows]
        strange = np.flatnonzero(rows < 0)
        if strange.size:
            ids[strange] = self._described([words[at] for at in strange.tolist()])
        return ids

    def _described(self, words: Sequence[str]) -> Ids:
        lower = [word.lower() for word in words]
        ids = np.zeros((len(words), _COLUMNS), np.int32)
        ids[:, 0] = [self._ids.get(word, 0) for word in lower]
        for column, part in enumerate((slice(3), slice(-3, None), slice(-2, None)), 1):
            ids[:, column] = [_key(word[part]) % _AFFIXES for word in lower]
        ids[:, 4] = [_shape(word) for word in words]
        ids[:, 5] = [self.lexicon.class_of(_key(word)) for word in lower]
        return ids


def word_keys(words: Sequence[str]) -> NDArray[np.uint64]:
    """The keys under which a lexicon knows words; they are given in lower case."""
    return np.array([_key(word) for word in words], np.uint64)


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
