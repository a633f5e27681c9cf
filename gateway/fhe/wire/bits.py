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
        self._bits = bits
        self._padded = np.empty(len(packed) // 8 + 2, dtype="<u8")
        self._padded[-2:] = 0
        self._padded.view(np.uint8)[: len(packed)] = packed

    def read(self, first: int, words: Words) -> None:
        """Fill `words` with those from number `first` on."""
        _unpack(self._padded, first * self._bits, self._bits, words)

    def restore(self, first: int, dropped: int, modulus: int, words: Words, places: NDArray[np.int64]) -> None:
        """Put those from number `first` on, which lack their `dropped` lowest bits, at some places of `words`.

        What was dropped is taken to be in the middle, modulo `modulus`.
        """
        _restore(self._padded, first * self._bits, self._bits, dropped, modulus, words, places)


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


# These two are called for each ciphertext, with plain integers: to tell the types of NumPy's takes numba longer than the work.


@compiled
def _unpack(packed: Words, place: int, bits: int, words: Words) -> None:
    at, width, most = np.uint64(place), np.uint64(bits), np.uint64((1 << bits) - 1)
    for n in range(len(words)):
        words[n] = _bits_from(packed, at) & most
        at += width


@compiled
def _restore(packed: Words, place: int, bits: int, dropped: int, modulus: int, words: Words, places: NDArray[np.int64]) -> None:
    at, width, most = np.uint64(place), np.uint64(bits), np.uint64((1 << bits) - 1)
    low, middle, q = np.uint64(dropped), np.uint64((1 << dropped) >> 1), np.uint64(modulus)
    for n in range(len(places)):
        whole = ((_bits_from(packed, at) & most) << low) + middle
        words[places[n]] = min(whole, whole - q)  # which wraps around below q
        at += width


@compiled
def _bits_from(packed: Words, place: np.uint64) -> np.uint64:
    """The 64 bits from one on, of two words: without a branch, since every other word of 38 bits is cut."""
    at, shift = place >> np.uint64(6), place & np.uint64(63)
    whole: np.uint64 = (packed[at] >> shift) | (packed[at + np.uint64(1)] << np.uint64(1) << (np.uint64(63) - shift))
    return whole
