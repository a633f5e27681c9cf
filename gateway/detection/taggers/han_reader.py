"""Reads Chinese character by character; a Latin word or a number inside it is one token."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from gateway.detection.taggers.lexicon import Lexicon
from gateway.detection.taggers.tokens import Ids, Tokens

Codes = NDArray[np.uint64]

_RUN = re.compile(r"[A-Za-z\u00c0-\u024f]+|[0-9]+|[^\S\n]+")
_LONGEST_DIGITS = 12
_BUCKETS = 1024
_BIGRAMS = 2**15
_CLASSES = 6
_LENGTHS = range(2, 9)
_COMBINED = _CLASSES**4
_PLANE = 0x10000
_WORD, _DIGITS, _SPACE = 0x200000, 0x300000, 0x400000
_PRIME = np.uint64(0x100000001B3)


class HanReader:
    """Features: the character, it and the next one together, and the listed words that begin and that end here.

    `characters` are those with an id of their own; `simpler` maps traditional characters to simplified ones, pairwise, so that
    both are read alike. `lexicon` classes: 1 an ordinary word, 2 a person, 3 a place, 4 an organisation, 5 another proper name.
    """

    def __init__(self, characters: str, simpler: str, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._plain = np.arange(_PLANE, dtype=np.uint64)
        self._plain[[ord(c) for c in simpler[::2]]] = [ord(c) for c in simpler[1::2]]
        self._ids = np.zeros(_PLANE, np.int32)
        self._ids[[ord(c) for c in characters]] = np.arange(1, len(characters) + 1)
        self._size = len(characters) + 1

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self._size + _LONGEST_DIGITS + 2 + _BUCKETS, _BIGRAMS, _COMBINED, _COMBINED)

    def read(self, text: str) -> Tokens:
        codes, starts = self._tokens(text)
        ends = np.append(starts[1:], len(text)) if text else starts
        begin, end = self._listed(codes)
        return Tokens(np.stack((self._own(codes), _pairs(codes), begin, end), axis=1), starts, ends)

    def _tokens(self, text: str) -> tuple[Codes, NDArray[np.int64]]:
        """A code for each token, and where it starts; tokens tile the text."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
        codes = np.where(codes < _PLANE, self._plain[np.minimum(codes, _PLANE - 1)], codes)
        firsts = np.ones(codes.size, bool)
        for run in _RUN.finditer(text):
            start, end = run.span()
            firsts[start + 1 : end] = False
            codes[start] = _code(run[0])
        starts = np.flatnonzero(firsts)
        return codes[starts], starts

    def _own(self, codes: Codes) -> Ids:
        own = self._ids[np.minimum(codes, _PLANE - 1)]
        run = np.where(codes >= _DIGITS, codes - _DIGITS + 1, codes - _WORD + _LONGEST_DIGITS + 2)
        rest = np.where(codes >= _SPACE, 1, run)
        return np.where(codes < _WORD, np.where(codes < _PLANE, own, 0), self._size + rest.astype(np.int64)).astype(np.int32)

    def _listed(self, codes: Codes) -> tuple[Ids, Ids]:
        """For each token the classes of the listed words of 2, 3, 4 and more tokens that begin, and that end, with it."""
        found = self._lexicon.classes(word_keys(codes))
        begin, end = np.zeros((2, 4, codes.size), np.int32)
        for row, length in enumerate(_LENGTHS):
            which = min(row, 3)
            np.maximum(begin[which], found[row], out=begin[which])
            last = end[which, length - 1 :]
            np.maximum(last, found[row, : last.size], out=last)
        weights = np.array([[_CLASSES**n] for n in range(4)], np.int32)
        return (begin * weights).sum(0, dtype=np.int32), (end * weights).sum(0, dtype=np.int32)


def word_keys(codes: Codes) -> Codes:
    """Keys of the words of 2 to 8 tokens that begin at each token, shape (7, tokens); 0 where the text ends before."""
    keys = np.zeros((len(_LENGTHS), codes.size), np.uint64)
    rolling = codes
    for row, length in enumerate(_LENGTHS):
        if codes.size < length:
            break
        rolling = rolling[: codes.size - length + 1] * _PRIME + codes[length - 1 :]
        keys[row, : rolling.size] = rolling
    return keys


def plain_key(word: str) -> int:
    """The key of a listed word of Han characters, 2 to 8, given in simplified ones."""
    codes = np.array([ord(c) for c in word], np.uint64)
    return int(word_keys(codes)[len(word) - _LENGTHS.start, 0])


def _pairs(codes: Codes) -> Ids:
    """A bucket for each token together with the next."""
    following = np.append(codes[1:], np.uint64(0))
    mixed = (codes * _PRIME + following) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(49)).astype(np.int32)


def _code(run: str) -> int:
    if run[0].isspace():
        return _SPACE
    return _DIGITS + min(len(run), _LONGEST_DIGITS) if run[0].isdecimal() else _WORD + _word(run)


def _word(run: str) -> int:
    """A bucket by how a Latin word is written and how it ends."""
    shape = 0 if run.islower() else 1 if run.isupper() else 2 if run.istitle() else 3
    return (crc32(run[-3:].lower().encode()) + 8 * len(run)) % (_BUCKETS // 4) * 4 + shape


def characters_by_use(texts: Sequence[str], most: int) -> str:
    """The `most` used characters of texts: those that get an id of their own."""
    count: dict[str, int] = {}
    for text in texts:
        for character in text:
            if ord(character) < _PLANE:
                count[character] = count.get(character, 0) + 1
    return "".join(sorted(count, key=lambda c: (-count[c], c))[:most])
