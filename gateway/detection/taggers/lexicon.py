"""Word lists as a hashed table: which class a word belongs to, in constant time and a few bits a word.

A slot holds a class and a fingerprint of the word's key, so a word that is in no list is taken for one of another class
about once in two thousand times: a hint for a network, never a verdict.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_CLASS_BITS = 4
_64_BITS = 2**64 - 1
_SHIFTS = np.array([8, 30], np.uint64)
_LAST = 3 if sys.byteorder == "little" else 0
"""Where among the four 16-bit parts of a key the first bits are."""
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
        return self.classes_of(spread(keys))

    def classes_of(self, keys: NDArray[np.uint64]) -> NDArray[np.uint16]:
        """The same for keys that are spread already."""
        places, mixed = _places(keys, self.slots.size)
        found = self.slots.take(places)
        known = (found ^ mixed.view(np.uint16)[..., _LAST :: _LAST + 1]) < 2 << _CLASS_BITS
        found &= 2**_CLASS_BITS - 1  # of an empty slot nothing is left
        found *= known
        first, second = found
        classes: NDArray[np.uint16] = np.where(first, first, second)
        return classes


def build(entries: Iterable[tuple[int, int]], bits: int) -> Lexicon:
    """A table of 2**`bits` slots from (key, class); what comes first wins, and what finds both its slots taken is left out."""
    slots = np.zeros(2**bits, np.uint16)
    known: set[int] = set()
    for key, klass in entries:
        if key not in known:
            known.add(key)
            places, mixed = _places(spread(np.array([key], np.uint64)), slots.size)
            free = next((slot for slot in places.ravel().tolist() if slots[slot] == 0), None)
            if free is not None:
                slots[free] = (mixed.item() >> 52 | 1) << _CLASS_BITS | klass
    return Lexicon(slots)


def spread(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Keys whose first bits depend on all bits of the given ones (multiplicative hashing, Knuth 6.4)."""
    return keys * np.uint64(_GOLDEN)


def _places(keys: NDArray[np.uint64], size: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """For each spread key two slots, along a new first axis, and its bits well mixed: the first twelve are the fingerprint."""
    mixed = keys ^ (keys >> np.uint64(29))
    mixed *= np.uint64(_FINAL)
    places = (mixed >> _SHIFTS[:, *[None] * mixed.ndim]).view(np.int64)
    places &= size - 1
    return places, mixed
