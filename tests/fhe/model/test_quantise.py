from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.fhe.model.quantise import Bits, UnusableBits, dequantise, quantise_matrix, quantise_vectors


@pytest.mark.parametrize(("weight", "activation"), [(1, 13), (16, 13), (11, 2), (11, 21)])
def test_bits_have_bounds(weight: int, activation: int) -> None:
    with pytest.raises(UnusableBits, match="activations 3 to 20"):
        Bits(weight, activation)


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10**6), length=st.integers(2, 600), size=st.floats(1e-20, 1e20), longest=st.floats(500, 40_000))
def test_no_vector_is_longer_than_it_may_be(seed: int, length: int, size: float, longest: float) -> None:
    random = np.random.default_rng(seed)
    values = (random.normal(size=(3, length)) * size).astype(np.float32)
    values[1] = size
    quantised = quantise_vectors(values, Bits(), longest)
    assert np.abs(quantised.integers).max() <= Bits().most_activation
    assert np.sqrt(np.square(quantised.integers.astype(float)).sum(axis=1)).max() <= longest


def test_zeros_stay_zeros() -> None:
    assert not quantise_vectors(np.zeros((2, 5), dtype=np.float32), Bits(), 1000).integers.any()
    assert not quantise_matrix(np.zeros((2, 5), dtype=np.float32), Bits()).rows.any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        quantise_vectors(np.array([[1, bad]], dtype=np.float32), Bits(), 1000)


def test_more_bits_are_nearer() -> None:
    random = np.random.default_rng(0)
    weights, values = random.normal(size=(50, 200)).astype(np.float32), random.normal(size=(4, 200)).astype(np.float32)
    away = []
    for bits in (Bits(4, 6), Bits(8, 10), Bits(11, 13)):
        matrix, vectors = quantise_matrix(weights, bits), quantise_vectors(values, bits, bits.most_activation * 14.0)
        products = dequantise(vectors.integers @ matrix.rows.T.astype(np.int64), vectors, matrix.scales)
        away.append(np.abs(products - values @ weights.T).max())
    assert away[0] > away[1] > away[2]
    assert away[2] < 0.05
