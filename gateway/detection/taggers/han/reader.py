"""Reads Chinese character by character; a Latin word or a number inside it is one token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from gateway.detection.taggers.lexicon import Lexicon, spread
from gateway.detection.taggers.tokens import Ids, Tokens

Codes = NDArray[np.uint64]

_RUN = re.compile(r"(?P<word>[A-Za-z\u00c0-\u024f]+)|(?P<digits>[0-9]+)|(?P<space>[^\S\n]+)")
_GLUED = re.compile(r"[A-Z][a-z]+(?=[A-Z])")
_LONGEST_DIGITS = 12
_BUCKETS = 1024
_BIGRAM_BITS = 16
_CLASSES = 6
_ORDINARY = 1
_LENGTHS = range(2, 9)
_COMBINED = _CLASSES**4
_WEIGHTS = np.array([[_CLASSES ** min(row, 3)] for row in range(len(_LENGTHS))], np.int32)
"""What a class counts by the length of its word, so that a sum tells classes of different lengths apart."""
_PLANE = 0x10000
_FIRST_WORD = _LONGEST_DIGITS + 2
_CODES = (0, 0x400000, *range(0x300001, 0x300001 + _LONGEST_DIGITS), *range(0x200000, 0x200000 + _BUCKETS))
"""Beyond all characters' codes, those of white space, of digits by their number, and of words by their bucket: see `_kind`."""
_BUCKET = np.uint64(64 - _BIGRAM_BITS)
_PRIME = np.uint64(0x100000001B3)
_LONGEST_WORD = _LENGTHS.stop - 1
_TABLE = 2**14
"""Powers and places that are there already: enough for the pieces that taggers are given."""
_COUNT = np.arange(_TABLE)


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

    @classmethod
    def of(cls, archive: Path) -> HanReader:
        """The one that the tagger in `archive` has learnt with."""
        with np.load(archive, allow_pickle=False) as parts:
            characters, simpler = (bytes(parts[name]).decode() for name in ("characters", "simpler"))
            return cls(characters, simpler, Lexicon(parts["lexicon"]))

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self._size + _FIRST_WORD + _BUCKETS, 2**_BIGRAM_BITS, _COMBINED, _COMBINED)

    def read(self, text: str) -> Tokens:
        codes, runs = self._codes(text), list(_RUN.finditer(text))
        if not runs:
            return Tokens(self._described(codes), *_places(_counted(codes.size + 1)))
        starts, kinds = [run.start() for run in runs], [_kind(run) for run in runs]
        for start, kind in zip(starts, kinds, strict=True):
            codes[start] = _CODES[kind]
        bounds = _bounds(codes.size, runs)
        ids = self._described(codes.take(bounds[:-1]))
        self._tell(runs, bounds.searchsorted(starts), kinds, ids)
        return Tokens(ids, *_places(bounds))

    def _described(self, codes: Codes) -> Ids:
        """The features of tokens by their codes. They lie feature by feature: so they are written here, and looked up later."""
        ids = np.empty((4, codes.size), np.int32).T
        ids[:, 0] = self._ids.take(codes.view(np.int64), mode="clip")
        mixed = spread(word_keys(codes))
        ids[:, 1] = mixed[0] >> _BUCKET
        self._list(self._lexicon.classes_of(mixed), ids)
        return ids

    def _codes(self, text: str) -> Codes:
        """A code for each character; a traditional one has that of the simplified one."""
        encoded = text.encode("utf-16-le", "surrogatepass")
        if len(encoded) == 2 * len(text):
            return self._plain.take(np.frombuffer(encoded, np.uint16))
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
        return np.where(codes < _PLANE, self._plain.take(codes.view(np.int64), mode="clip"), codes)

    def _tell(self, runs: Sequence[re.Match[str]], places: NDArray[np.int64], kinds: Sequence[int], ids: Ids) -> None:
        """Put in what tokens of several characters are: other planes, and the end of this one, have no ids of their own."""
        ids[places, 0] = self._size + np.array(kinds)
        for run, place, kind in zip(runs, places.tolist(), kinds, strict=True):
            if kind >= _FIRST_WORD:
                ids[place, 2:] = self._latin_class(run[0])

    def _latin_class(self, word: str) -> int:
        """Of words that were run together (`JohnMoore`) the first one's."""
        klass = self._lexicon.class_of(latin_key(word))
        glued = None if klass else _GLUED.match(word)
        return klass if glued is None else self._lexicon.class_of(latin_key(glued[0]))

    def _list(self, classes: NDArray[np.uint16], ids: Ids) -> None:
        """For each token the classes of the listed words of 2, 3, 4 and more tokens that begin, and that end, with it."""
        most, size = classes.shape
        begin = np.zeros((most, most + size), np.int32)
        np.multiply(classes, _WEIGHTS, out=begin[:, most:])
        width = most + size - 1  # as a row of this width, each lies one place further right than the one before
        end = begin.ravel()[most - 1 : most - 1 + most * width].reshape(most, width)[:, :size]
        for column, weighed in ((2, begin[:, most:]), (3, end)):
            np.add(np.add.reduce(weighed[:3]), np.maximum.reduce(weighed[3:]), out=ids[:, column])


def _bounds(size: int, runs: Iterable[re.Match[str]]) -> NDArray[np.int64]:
    """Where tokens begin, each run being one, and where the last one ends."""
    firsts = np.ones(size + 1, bool)
    for run in runs:
        start, end = run.span()
        if end - start > 1:
            firsts[start + 1 : end] = False
    return firsts.nonzero()[0]


def _places(bounds: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return bounds[:-1], bounds[1:]


def _counted(size: int) -> NDArray[np.int64]:
    return _COUNT[:size] if size <= _TABLE else np.arange(size)


def is_a_word(ids: Ids, at: int) -> bool:
    """Whether this token and the next are an ordinary word of the list. `ids` are those of a text that a HanReader has read."""
    return int(ids[at, 2]) % _CLASSES == _ORDINARY


def word_keys(codes: Codes) -> Codes:
    """Keys of the words of 2 to 8 tokens that begin at each token, shape (7, tokens); behind the text's end nothing is listed.

    A word's key is a polynomial in an odd number, modulo 2**64: a difference of two prefix sums, times a power.
    """
    size = codes.size
    up, down = _POWERS if size + _LONGEST_WORD <= _TABLE else _powers(size + _LONGEST_WORD)
    sums = np.zeros(size + _LONGEST_WORD, np.uint64)
    np.multiply(codes, down[:size], out=sums[1 : size + 1])
    sums.cumsum(out=sums)
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


def _kind(run: re.Match[str]) -> int:
    """Which of the ids behind those of characters: of white space, of digits by their number, of words by their bucket."""
    if run.lastgroup == "word":
        return _FIRST_WORD + _word(run[0])
    return 1 if run.lastgroup == "space" else 1 + min(run.end() - run.start(), _LONGEST_DIGITS)


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
