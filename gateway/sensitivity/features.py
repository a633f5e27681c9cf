"""What a text is judged by: hashed n-grams of words and of Chinese characters, each with its place in the text.

Feature hashing (Weinberger et al., ICML 2009): no vocabulary is stored, so weights hold no word of what they were trained on.
The hash of every word comes out of one running polynomial hash of the text (Karp and Rabin, 1987), in NumPy throughout: a text
of 1,000 characters takes a fifth of a millisecond.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
_Hashes = NDArray[np.uint64]

_BITS = 18
BUCKETS = 1 << _BITS
WINDOW = 128
"""Words (of Chinese: characters) that are judged together. One paragraph about an illness counts as much in a long document."""
_STRIDE = WINDOW // 2
_STEM = 5
"""Letters at the beginning of a longer word that count by themselves: diagnosed, diagnosis."""
_SEPARATOR, _LETTER, _HAN = 0, 1, 2
_EMPTY = (
    "a an the of to in on at for from by with as and or but if than then that this these those is are was were be been being "
    "am it its i you he she we they me him us them my your his her our their who which what when where how why there here do "
    "does did done have has had will would can could should may might must not no yes so too also just very more most some any "
    "all about into over after before out up down again please "
    "的 了 是 在 和 与 或 我 你 他 她 它 们 这 那 有 就 都 也 不 要 把 被 给 为 对 从 到 会 能 可 以 吗 呢 吧 啊 着 过 "
    "个 一 上 下 中 请 帮 怎 么 什"
)
"""Words that say nothing by themselves."""
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*_[0-9]+>")
"""What redaction leaves in a text says nothing of what it is about."""
_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_PAIR, _TRIPLE, _BEGINNING = np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9), np.uint64(0x27D4EB2F165667C5)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A text as it is judged, and its n-grams in the order of their first word.

    `text` is lower-case and without placeholders. `keys` are buckets; an n-gram is `text[starts:ends]`; `words` is the position
    of its first word among `count` words.
    """

    text: str = field(repr=False)
    keys: Keys = field(repr=False)
    starts: Keys = field(repr=False)
    ends: Keys = field(repr=False)
    words: Keys = field(repr=False)
    count: int = 0

    def windows(self) -> Iterator[slice]:
        """The n-grams of each window, windows overlapping by half."""
        for first in range(0, max(1, self.count - _STRIDE), _STRIDE):
            begin, end = np.searchsorted(self.words, (first, first + WINDOW))
            yield slice(int(begin), int(end))


def read(text: str) -> Reading:
    """The n-grams of a text: one to three Chinese characters, one or two words, beginnings of long words."""
    text = _PLACEHOLDER.sub(" ", normalize("NFKC", text)).lower()
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    kinds = _kinds()[np.minimum(codes, 0xFFFF)]
    starts, ends = _words(kinds)
    if not len(starts):
        nothing = np.zeros(0, dtype=np.int64)
        return Reading(text, nothing, nothing, nothing, nothing)
    prefix, scale = _running(codes)
    hashes = _of_spans(prefix, scale, starts, ends)
    han = kinds[starts] == _HAN
    parts = list(_grams(hashes, han, starts, ends, ~_empty()[_bucket(hashes)]))
    parts.append(_stems(prefix, scale, han, starts, ends))
    words, keys, first, last = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(words, kind="stable")
    return Reading(text, keys[order], starts[first][order], ends[last][order], words[order], len(starts))


def _grams(
    hashes: _Hashes, han: NDArray[np.bool_], starts: Keys, ends: Keys, says: NDArray[np.bool_]
) -> Iterator[tuple[Keys, Keys, Keys, Keys]]:
    one = np.flatnonzero(says)
    yield one, _bucket(hashes[one]), one, one
    two = np.flatnonzero(says[:-1] | says[1:])
    yield two, _bucket(hashes[two] * _PAIR ^ hashes[two + 1]), two, two + 1
    three = np.flatnonzero(han[:-2] & han[1:-1] & han[2:] & (ends[2:] - starts[:-2] == 3))
    triples = (hashes[three] * _TRIPLE ^ hashes[three + 1]) * _PAIR ^ hashes[three + 2]
    yield three, _bucket(triples), three, three + 2


def _stems(prefix: _Hashes, scale: _Hashes, han: NDArray[np.bool_], starts: Keys, ends: Keys) -> tuple[Keys, Keys, Keys, Keys]:
    long = np.flatnonzero(~han & (ends - starts > _STEM))
    hashes = _of_spans(prefix, scale, starts[long], starts[long] + _STEM) * _BEGINNING
    return long, _bucket(hashes), long, long


def _words(kinds: NDArray[np.uint8]) -> tuple[Keys, Keys]:
    """Where words begin and end: runs of letters and digits, and each Chinese character by itself."""
    before = np.concatenate(([_SEPARATOR], kinds[:-1]))
    after = np.concatenate((kinds[1:], [_SEPARATOR]))
    said = kinds != _SEPARATOR
    starts = np.flatnonzero(said & ((kinds == _HAN) | (before != kinds)))
    ends = np.flatnonzero(said & ((kinds == _HAN) | (after != kinds))) + 1
    return starts.astype(np.int64), ends.astype(np.int64)


def _running(codes: NDArray[np.uint32]) -> tuple[_Hashes, _Hashes]:
    """The hash of every beginning of the text, and what takes the place of a word out of its hash again; modulo 2^64."""
    powers = np.cumprod(np.full(len(codes), _BASE, dtype=np.uint64)).astype(np.uint64)
    scale = np.cumprod(np.full(len(codes), _INVERSE, dtype=np.uint64)).astype(np.uint64)
    prefix = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(codes.astype(np.uint64) * powers, dtype=np.uint64)))
    return prefix, scale


def _of_spans(prefix: _Hashes, scale: _Hashes, starts: Keys, ends: Keys) -> _Hashes:
    mixed: _Hashes = (prefix[ends] - prefix[starts]) * scale[starts]
    return (mixed ^ (mixed >> np.uint64(29))) * _PAIR


def _bucket(hashes: _Hashes) -> Keys:
    """The upper bits: the lower ones of a product depend on little."""
    mixed = (hashes ^ (hashes >> np.uint64(32))) * _BASE
    return (mixed >> np.uint64(64 - _BITS)).astype(np.int64)


@lru_cache(maxsize=1)
def _empty() -> NDArray[np.bool_]:
    """Which buckets hold a word that says nothing; another word in the same bucket is lost with it."""
    codes = np.frombuffer(_EMPTY.encode("utf-32-le"), dtype=np.uint32)
    starts, ends = _words(_kinds()[codes])
    empty = np.zeros(BUCKETS, dtype=np.bool_)
    empty[_bucket(_of_spans(*_running(codes), starts, ends))] = True
    return empty


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """What each character of the Basic Multilingual Plane is; all beyond it are taken for Chinese characters, as most are."""
    kinds = np.array([_LETTER if chr(code).isalnum() else _SEPARATOR for code in range(0x10000)], dtype=np.uint8)
    for first, last in ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0xFFFF, 0xFFFF)):
        kinds[first : last + 1] = _HAN
    return kinds
