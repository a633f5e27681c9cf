from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.fhe.wire.bits import pack, packed_size, unpack


@settings(max_examples=100, deadline=None)
@given(bits=st.integers(1, 63), seed=st.integers(0, 10_000), count=st.integers(0, 70))
def test_words_come_back(bits: int, seed: int, count: int) -> None:
    words = np.random.default_rng(seed).integers(0, 2**bits, count, dtype=np.uint64)
    packed = pack(words[None], bits)
    whole = sum(word << (n * bits) for n, word in enumerate(words.tolist()))
    assert packed.tobytes() == whole.to_bytes(packed_size(count, bits), "little")
    assert (unpack(packed, count, bits) == words).all()


@settings(max_examples=20, deadline=None)
@given(bits=st.integers(1, 54), dropped=st.integers(0, 9), seed=st.integers(0, 10_000))
def test_low_bits_are_left_out_of_rows(bits: int, dropped: int, seed: int) -> None:
    words = np.random.default_rng(seed).integers(0, 2 ** (bits + dropped), (3, 2, 11), dtype=np.uint64)
    assert (pack(words[:, 1], bits, dropped) == pack(words[:, 1].reshape(1, -1) >> np.uint64(dropped), bits)).all()


def test_what_was_dropped_is_taken_to_be_in_the_middle_below_the_modulus() -> None:
    packed = pack(np.array([[0, 15, 16, 95]], dtype=np.uint64), 3, 4)
    assert unpack(packed, 4, 3, 4, 101).tolist() == [8, 8, 24, 88]
    assert unpack(packed, 4, 3, 4, 87).tolist() == [8, 8, 24, 1]


@pytest.mark.parametrize("size", [0, 6, 8])
def test_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="another length"):
        unpack(np.zeros(size, dtype=np.uint8), 1, 54)
