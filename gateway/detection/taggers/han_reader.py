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
_GLUED = re.compile(r"[A-Z][a-z]+(?=[A-Z])")
_LONGEST_DIGITS = 12
_BUCKETS = 1024
_BIGRAM_BITS = 16
_CLASSES = 6
_LENGTHS = range(2, 9)
_COMBINED = _CLASSES**4
_WEIGHTS = np.array([[_CLASSES ** min(row, 3)] for row in range(len(_LENGTHS))], np.int32)
"""What a class counts by the length of its word, so that a sum tells classes of different lengths apart."""
_PLANE = 0x10000
_WORD, _DIGITS, _SPACE = 0x200000, 0x300000, 0x400000
_PRIME = np.uint64(0x100000001B3)
_LONGEST_WORD = _LENGTHS.stop - 1
_TABLE = 2**14
"""Powers that are there already: enough for the pieces that taggers are given."""


class HanReader:
    """Features: the character, it and the next one together, and the listed words that begin and that end here.

    `characters` are those with an id of their own; `simpler` maps traditional characters to simplified ones, pairwise, so that
    both are read alike. `lexicon` classes: 1 an ordinary word, 2 a person, 3 a place, 4 an organisation, 5 another proper name,
    or what may be several of them. A Latin word, one token, has a class like a listed word of two characters.
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
        return (self._size + _LONGEST_DIGITS + 2 + _BUCKETS, 2**_BIGRAM_BITS, _COMBINED, _COMBINED)

    def read(self, text: str) -> Tokens:
        codes, starts, words = self._tokens(text)
        ends = np.empty_like(starts)
        ends[:-1], ends[-1:] = starts[1:], len(text)
        ids = np.empty((codes.size, 4), np.int32)
        ids[:, 0], ids[:, 1] = self._own(codes), _pairs(codes)
        ids[:, 2], ids[:, 3] = self._listed(codes)
        if words:
            ids[starts.searchsorted(list(words)), 2:] = [[self._latin_class(word)] for word in words.values()]
        return Tokens(ids, starts, ends)

    def _tokens(self, text: str) -> tuple[Codes, NDArray[np.int64], dict[int, str]]:
        """A code for each token, where it starts, and the Latin words by their starts; tokens tile the text."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
        codes = np.where(codes < _PLANE, self._plain.take(codes.view(np.int64), mode="clip"), codes)
        firsts, words = np.ones(codes.size, bool), {}
        for run in _RUN.finditer(text):
            start, end = run.span()
            firsts[start + 1 : end] = False
            code = codes[start] = _code(run[0])
            if code < _DIGITS:
                words[start] = run[0]
        starts = np.flatnonzero(firsts)
        return codes[starts], starts, words

    def _latin_class(self, word: str) -> int:
        """Of words that were run together (`JohnMoore`) the first one's."""
        klass = self._lexicon.class_of(latin_key(word))
        glued = None if klass else _GLUED.match(word)
        return klass if glued is None else self._lexicon.class_of(latin_key(glued[0]))

    def _own(self, codes: Codes) -> Ids:
        """A character's own id; other planes, and the noncharacter at the end of this one, have none."""
        own = self._ids.take(codes.view(np.int64), mode="clip")
        runs = np.flatnonzero(codes >= _WORD)
        if runs.size:
            told = codes[runs]
            kind = np.where(told >= _DIGITS, told - _DIGITS + 1, told - _WORD + _LONGEST_DIGITS + 2)
            own[runs] = self._size + np.where(told >= _SPACE, 1, kind)
        return own

    def _listed(self, codes: Codes) -> tuple[Ids, Ids]:
        """For each token the classes of the listed words of 2, 3, 4 and more tokens that begin, and that end, with it."""
        most, size = len(_LENGTHS), codes.size
        begin = np.zeros((most, most + size), np.int32)
        np.multiply(self._lexicon.classes(word_keys(codes)), _WEIGHTS, out=begin[:, most:])
        width = most + size - 1  # as a row of this width, each lies one place further right than the one before
        end = begin.ravel()[most - 1 : most - 1 + most * width].reshape(most, width)[:, :size]
        return _combined(begin[:, most:]), _combined(end)


def _combined(classes: Ids) -> Ids:
    combined: Ids = np.add.reduce(classes[:3]) + np.maximum.reduce(classes[3:])
    return combined


def word_keys(codes: Codes) -> Codes:
    """Keys of the words of 2 to 8 tokens that begin at each token, shape (7, tokens); behind the text's end nothing is listed.

    A word's key is a polynomial in an odd number, modulo 2**64: a difference of two prefix sums, times a power.
    """
    size = codes.size
    up, down = _POWERS if size + _LONGEST_WORD <= _TABLE else _powers(size + _LONGEST_WORD)
    sums = np.zeros(size + _LONGEST_WORD, np.uint64)
    np.cumsum(codes * down[:size], out=sums[1 : size + 1])
    sums[size + 1 :] = sums[size]
    keys = _windows(sums, _LENGTHS.start, size) - sums[:size]
    keys *= _windows(up, _LENGTHS.start - 1, size)
    return keys


def _windows(values: Codes, first: int, size: int) -> Codes:
    """Views of `values`: row n begins at `first` + n."""
    step = values.itemsize
    return np.ndarray((len(_LENGTHS), size), values.dtype, values, first * step, (step, step))


def _powers(size: int) -> tuple[Codes, Codes]:
    """The first powers of the prime, and those of its inverse."""
    up, down = (np.full(size, base, np.uint64) for base in (_PRIME, pow(int(_PRIME), -1, 2**64)))
    up[:1] = down[:1] = 1
    return np.multiply.accumulate(up), np.multiply.accumulate(down)


_POWERS = _powers(_TABLE)


def plain_key(word: str) -> int:
    """The key of a listed word of Han characters, 2 to 8, given in simplified ones."""
    codes = np.array([ord(c) for c in word], np.uint64)
    return int(word_keys(codes)[len(word) - _LENGTHS.start, 0])


def latin_key(word: str) -> int:
    """The key of a listed Latin word, however it is capitalised."""
    return crc32(word.lower().encode()) << 32 | len(word)


def _pairs(codes: Codes) -> Codes:
    """A bucket for each token together with the next."""
    mixed = codes * _PRIME
    mixed[:-1] += codes[1:]
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    return mixed >> np.uint64(64 - _BIGRAM_BITS)


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
