"""Words of a few bits, packed without gaps: the first word in the lowest bits of the first byte."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.kernels import Words, compiled

Bytes = NDArray[np.uint8]


def packed_size(words: int, bits: int) -> int:
    """Bytes that so many words take."""
    return -(-words * bits // 8)


def pack(words: Words, bits: int) -> Bytes:
    """Words below 2^bits."""
    flat = np.ascontiguousarray(words).reshape(-1)
    packed = np.zeros(packed_size(len(flat), bits) // 8 + 1, dtype="<u8")
    _pack(flat, np.uint64(bits), packed)
    return packed.view(np.uint8)[: packed_size(len(flat), bits)]


def unpack(packed: Bytes, words: int, bits: int) -> Words:
    """The first `words` words. Raises ValueError where the bytes are not exactly as many as they take."""
    if len(packed) != packed_size(words, bits):
        raise ValueError("packed words have another length than their number says")
    padded = np.zeros(len(packed) // 8 + 2, dtype="<u8")
    padded.view(np.uint8)[: len(packed)] = packed
    flat = np.empty(words, dtype=np.uint64)
    _unpack(padded, np.uint64(bits), flat)
    return flat


@compiled
def _pack(words: Words, bits: np.uint64, packed: Words) -> None:
    pending, filled, at = np.uint64(0), np.uint64(0), 0
    for word in words:
        pending |= word << filled
        filled += bits
        if filled >= np.uint64(64):
            packed[at] = pending
            at += 1
            filled -= np.uint64(64)
            pending = word >> (bits - filled) if filled > np.uint64(0) else np.uint64(0)
    if filled > np.uint64(0):
        packed[at] = pending


@compiled
def _unpack(packed: Words, bits: np.uint64, words: Words) -> None:
    most = (np.uint64(1) << bits) - np.uint64(1)
    place = np.uint64(0)
    for n in range(len(words)):
        at, shift = place >> np.uint64(6), place & np.uint64(63)
        word = packed[at] >> shift
        if shift + bits > np.uint64(64):
            word |= packed[at + np.uint64(1)] << (np.uint64(64) - shift)
        words[n] = word & most
        place += bits
