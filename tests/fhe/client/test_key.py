from __future__ import annotations

import numpy as np
import pytest

from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.parameters import PLAIN_BITS

_ALL = np.arange(2048)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_encrypted_comes_back(seed: int, key: Key) -> None:
    plaintexts = np.random.default_rng(seed).integers(0, 2**PLAIN_BITS, (4, 2048), dtype=np.uint64)
    plaintexts[0] = 0
    plaintexts[1, 5:] = 0  # SEAL leaves out leading zeros
    plaintexts[2] = 2**PLAIN_BITS - 1
    assert (key.decrypt(key.encrypt(plaintexts), _ALL) == plaintexts).all()


def test_the_same_plaintext_never_looks_the_same(key: Key) -> None:
    first, second = key.encrypt(np.ones((2, 2048), dtype=np.uint64))
    assert (first != second).mean() > 0.999


def test_another_key_reads_noise(scheme: Scheme, key: Key) -> None:
    read = Key(scheme).decrypt(key.encrypt(np.zeros((1, 2048), dtype=np.uint64)), _ALL)
    assert (read == 0).mean() < 0.01


def test_a_key_does_not_show_itself(key: Key) -> None:
    assert repr(key).startswith("<gateway.fhe.client.key.Key object at")
