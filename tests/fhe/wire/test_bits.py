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
    packed = pack(words, bits)
    whole = sum(word << (n * bits) for n, word in enumerate(words.tolist()))
    assert packed.tobytes() == whole.to_bytes(packed_size(count, bits), "little")
    assert (unpack(packed, count, bits) == words).all()


@pytest.mark.parametrize("size", [0, 6, 8])
def test_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="another length"):
        unpack(np.zeros(size, dtype=np.uint8), 1, 54)
