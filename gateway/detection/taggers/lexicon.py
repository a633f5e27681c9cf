"""Word lists as a hashed table: which class a word belongs to, in constant time and a few bits a word.

A slot holds a class and a fingerprint of the word's key, so a word that is in no list is taken for one of another class
about once in two thousand times: a hint for a network, never a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_CLASS_BITS = 4
_64_BITS = 2**64 - 1
_GOLDEN, _FINAL = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`slots` has a power of two of entries: fingerprint << 4 | class, 0 where empty."""

    slots: NDArray[np.uint16] = field(repr=False)

    def class_of(self, key: int) -> int:
        """The class of one key, as `classes` gives it: for a few keys arrays do not pay."""
        mixed = key * _GOLDEN & _64_BITS
        mixed = (mixed ^ mixed >> 29) * _FINAL & _64_BITS
        mark, mask = mixed >> 52 | 1, self.slots.size - 1
        for place in (mixed >> 8 & mask, mixed >> 30 & mask):
            slot: int = self.slots.item(place)
            if slot >> _CLASS_BITS == mark:
                return slot % (1 << _CLASS_BITS)
        return 0

    def classes(self, keys: NDArray[np.uint64]) -> NDArray[np.uint16]:
        """The class of each key, 1..15, or 0 for an unknown one. Any shape."""
        first, second, marks = _places(keys, self.slots.size)
        one, two = self.slots.take(first), self.slots.take(second)
        one ^= marks
        two ^= marks
        none = 2**_CLASS_BITS
        two *= two < none
        classes: NDArray[np.uint16] = np.where(one < none, one, two)
        return classes


def build(entries: Iterable[tuple[int, int]], bits: int) -> Lexicon:
    """A table of 2**`bits` slots from (key, class); what comes first wins, and what finds both its slots taken is left out."""
    slots = np.zeros(2**bits, np.uint16)
    known: set[int] = set()
    for key, klass in entries:
        if key not in known:
            known.add(key)
            first, second, mark = (int(x[0]) for x in _places(np.array([key], np.uint64), slots.size))
            free = next((slot for slot in (first, second) if slots[slot] == 0), None)
            if free is not None:
                slots[free] = mark | klass
    return Lexicon(slots)


def _places(keys: NDArray[np.uint64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]:
    """Two slots and a fingerprint (never 0, at its place in a slot) for each key."""
    mixed = keys * np.uint64(_GOLDEN)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(_FINAL)
    marks = (mixed >> np.uint64(48)).astype(np.uint16)
    marks &= np.uint16(0xFFF0)
    marks |= np.uint16(1 << _CLASS_BITS)
    mixed >>= np.uint64(8)
    signed, mask = mixed.view(np.int64), size - 1
    return signed & mask, signed >> 22 & mask, marks
