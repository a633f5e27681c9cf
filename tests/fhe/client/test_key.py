from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.parameters import Parameters
from gateway.fhe.transform import backward, root_of_unity, tables

Words = NDArray[np.uint64]
_ALL, _Q = np.arange(2048), Parameters().modulus
_MOST_ERROR = 21


def _decrypted(key: Key, ciphertexts: Iterable[Words]) -> NDArray[np.int64]:
    """What a server sends back that has done nothing: coefficients."""
    whole, table = np.stack(list(ciphertexts)), tables(2048, _Q, root_of_unity(4096, _Q))
    backward(whole.reshape(-1, 2048), table)
    return key.decrypt(whole[:, 0], np.ascontiguousarray(whole[:, 1]), _ALL)


def _away(found: NDArray[np.int64], messages: Words) -> NDArray[np.int64]:
    away = (found - messages.astype(np.int64)) % _Q
    return np.minimum(away, _Q - away)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("filled", [1, 64, 96, 2048])
def test_what_is_encrypted_comes_back_with_its_error(seed: int, filled: int, key: Key) -> None:
    messages = np.random.default_rng(seed).integers(0, _Q, (4, filled), dtype=np.uint64)
    messages[0], messages[1] = 0, _Q - 1
    found = _decrypted(key, key.encrypt(messages))
    assert np.abs(found).max() <= _Q // 2
    away = _away(found, np.pad(messages, ((0, 0), (0, 2048 - filled))))
    assert 0 < away.max() <= _MOST_ERROR


def test_only_what_is_asked_for_comes_back(key: Key) -> None:
    messages = np.random.default_rng(0).integers(0, _Q, (3, 2048), dtype=np.uint64)
    ciphertexts, places = np.stack(list(key.encrypt(messages))), np.arange(63, 2048, 64)
    backward(ciphertexts.reshape(-1, 2048), tables(2048, _Q, root_of_unity(4096, _Q)))
    found = key.decrypt(ciphertexts[:, 0, places], np.ascontiguousarray(ciphertexts[:, 1]), places)
    assert _away(found, messages[:, places]).max() <= _MOST_ERROR


def test_errors_are_as_wide_as_the_security_estimate_wants(key: Key) -> None:
    """The centred binomial of 42 bits: variance 10.5. (With 40,960 of them, a tenth off is twelve standard deviations.)"""
    errors = _decrypted(key, key.encrypt(np.zeros((20, 2048), dtype=np.uint64)))
    assert abs(float(np.square(errors).mean()) / 10.5 - 1) < 0.1
    assert abs(float(errors.mean())) < 0.1


def test_the_same_message_never_looks_the_same(key: Key) -> None:
    first, second = key.encrypt(np.ones((2, 2048), dtype=np.uint64))
    assert (first != second).mean() > 0.999


def test_another_key_reads_noise(scheme: Scheme, key: Key) -> None:
    read = _decrypted(Key(scheme), key.encrypt(np.zeros((1, 2048), dtype=np.uint64)))
    assert (np.abs(read) <= _MOST_ERROR).mean() < 0.01


def test_a_key_does_not_show_itself(key: Key) -> None:
    assert repr(key).startswith("<gateway.fhe.client.key.Key object at")
