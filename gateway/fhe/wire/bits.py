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
    _pack(words, bits, dropped, packed)
    return packed.view(np.uint8)[:size]


def unpack(packed: Bytes, words: int, bits: int, dropped: int = 0, modulus: int = 0) -> Words:
    """So many words. Low bits that were dropped are taken to be in the middle, modulo `modulus` where there is one.

    Raises ValueError where the bytes are not exactly as many as the words take.
    """
    if len(packed) != packed_size(words, bits):
        raise ValueError("packed words have another length than their number says")
    padded = np.empty(len(packed) // 8 + 2, dtype="<u8")
    padded[-2:] = 0
    padded.view(np.uint8)[: len(packed)] = packed
    unpacked = np.empty(words, dtype=np.uint64)
    _unpack(padded, bits, dropped, modulus, unpacked)
    return unpacked


# These are called for each ciphertext, with plain integers: to tell the types of NumPy's takes numba longer than the work.


@compiled
def _pack(words: Words, bits: int, dropped: int, packed: Words) -> None:
    width, low = np.uint64(bits), np.uint64(dropped)
    pending, filled, at = np.uint64(0), np.uint64(0), 0
    for row in words:
        for whole in row:
            word = whole >> low
            pending |= word << filled
            filled += width
            if filled >= np.uint64(64):
                packed[at] = pending
                at += 1
                filled -= np.uint64(64)
                pending = word >> (width - filled) if filled > np.uint64(0) else np.uint64(0)
    packed[at] = pending


@compiled
def _unpack(packed: Words, bits: int, dropped: int, modulus: int, words: Words) -> None:
    at, width, most = np.uint64(0), np.uint64(bits), np.uint64((1 << bits) - 1)
    low, middle, q = np.uint64(dropped), np.uint64((1 << dropped) >> 1), np.uint64(modulus)
    for n in range(len(words)):
        whole = ((_bits_from(packed, at) & most) << low) + middle
        words[n] = min(whole, whole - q)  # which wraps around below q
        at += width


@compiled
def _bits_from(packed: Words, place: np.uint64) -> np.uint64:
    """The 64 bits from one on, of two words: without a branch, since every other word of 38 bits is cut."""
    at, shift = place >> np.uint64(6), place & np.uint64(63)
    whole: np.uint64 = (packed[at] >> shift) | (packed[at + np.uint64(1)] << np.uint64(1) << (np.uint64(63) - shift))
    return whole
