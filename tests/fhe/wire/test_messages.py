from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.fhe.model.shape import Product
from gateway.fhe.parameters import Parameters
from gateway.fhe.server.weights import ServedModel
from gateway.fhe.wire.frames import Refused
from gateway.fhe.wire.messages import Call, Coding, Reason, Welcome, read_refusal, write_refusal


@pytest.fixture(scope="module")
def coding(served_tiny: ServedModel) -> Coding:
    return served_tiny.codings[0, Product.QKV, 1]


def test_ciphertexts_go_up_whole(coding: Coding) -> None:
    shape = (coding.plan.blocks, 2, coding.parameters.degree)
    words = np.random.default_rng(0).integers(0, coding.parameters.modulus, shape, dtype=np.uint64)
    call = Call(b"r" * 16, 1, 2, 32)
    body = coding.write_up(call, words)
    read, packed = Call.split(memoryview(body))
    assert (len(body), read) == (coding.up_size, call)
    assert (coding.read_up(packed) == words).all()


def test_what_comes_down_is_off_by_half_of_what_was_dropped(coding: Coding) -> None:
    plan, modulus = coding.plan, coding.parameters.modulus
    edges = [0, 1, modulus - 1, modulus // 2]
    random = np.random.default_rng(0)
    bodies = random.integers(0, modulus, (plan.tiles, len(coding.places)), dtype=np.uint64)
    masks = random.integers(0, modulus, (plan.tiles, coding.parameters.degree), dtype=np.uint64)
    bodies[0, : len(edges)] = masks[0, : len(edges)] = edges
    body = coding.write_down(Call(b"r" * 16, 0, 0, 1), bodies, masks)
    assert len(body) == coding.down_size
    read = coding.read_down(Call.split(memoryview(body))[1])
    for restored, words, dropped in zip(read, (bodies, masks), (plan.drop_body, plan.drop_mask), strict=True):
        assert (restored < modulus).all()
        away = (restored.astype(np.int64) - words.astype(np.int64)) % modulus
        assert np.minimum(away, modulus - away).max() <= 2**dropped / 2


def test_numbers_above_the_modulus_are_refused(coding: Coding) -> None:
    with pytest.raises(Refused, match="modulus"):
        coding.read_up(memoryview(b"\xff" * (coding.up_size - 20)))


@settings(max_examples=200)
@given(noise=st.binary(max_size=120))
def test_noise_is_refused(noise: bytes, coding: Coding) -> None:
    for read in (Welcome.from_bytes, coding.read_up, coding.read_down):
        with pytest.raises(Refused):
            read(memoryview(noise))


def test_a_welcome_with_weak_parameters_is_refused() -> None:
    welcome = bytearray(Welcome(b"n" * 32, b"f" * 32, Parameters()).to_bytes())
    welcome[64:68] = (1024).to_bytes(4, "little")
    with pytest.raises(Refused, match="128 bits"):
        Welcome.from_bytes(memoryview(welcome))


@given(noise=st.binary(max_size=4))
def test_a_refusal_has_a_known_reason(noise: bytes) -> None:
    if noise not in {write_refusal(reason) for reason in Reason}:
        with pytest.raises(Refused):
            read_refusal(memoryview(noise))


@pytest.mark.parametrize("reason", list(Reason))
def test_refusals_come_back(reason: Reason) -> None:
    assert read_refusal(memoryview(write_refusal(reason))) is reason
