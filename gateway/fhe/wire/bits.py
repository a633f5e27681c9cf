"""Words of a few bits, packed without gaps: the first word in the lowest bits of the first byte."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.kernels import Words, compiled

Bytes = NDArray[np.uint8]


def packed_size(words: int, bits: int) -> int:
    """Bytes that so many words take."""
    return -(-words * bits // 8)


def pack(words: Words, bits: int, dropped: int = 0) -> Bytes:
    """Rows of words, without their `dropped` lowest bits; what is left is below 2^bits."""
    size = packed_size(words.size, bits)
    packed = np.empty(size // 8 + 1, dtype="<u8")
    _pack(words, np.uint64(bits), np.uint64(dropped), packed)
    return packed.view(np.uint8)[:size]


class Packed:
    """So many words, to be unpacked a few at a time. Raises ValueError where the bytes are not exactly as many as they take."""

    def __init__(self, packed: Bytes, words: int, bits: int) -> None:
        if len(packed) != packed_size(words, bits):
            raise ValueError("packed words have another length than their number says")
        self._bits = np.uint64(bits)
        self._padded = np.empty(len(packed) // 8 + 2, dtype="<u8")
        self._padded[-2:] = 0
        self._padded.view(np.uint8)[: len(packed)] = packed

    def read(self, first: int, words: Words) -> None:
        """Fill `words` with those from number `first` on."""
        _unpack(self._padded, np.uint64(first) * self._bits, self._bits, words)


@compiled
def _pack(words: Words, bits: np.uint64, dropped: np.uint64, packed: Words) -> None:
    pending, filled, at = np.uint64(0), np.uint64(0), 0
    for row in words:
        for whole in row:
            word = whole >> dropped
            pending |= word << filled
            filled += bits
            if filled >= np.uint64(64):
                packed[at] = pending
                at += 1
                filled -= np.uint64(64)
                pending = word >> (bits - filled) if filled > np.uint64(0) else np.uint64(0)
    packed[at] = pending


@compiled
def _unpack(packed: Words, place: np.uint64, bits: np.uint64, words: Words) -> None:
    most = (np.uint64(1) << bits) - np.uint64(1)
    for n in range(len(words)):
        at, shift = place >> np.uint64(6), place & np.uint64(63)
        word = packed[at] >> shift
        if shift + bits > np.uint64(64):
            word |= packed[at + np.uint64(1)] << (np.uint64(64) - shift)
        words[n] = word & most
        place += bits
