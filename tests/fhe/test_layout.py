"""Products of polynomials, done the long way in a small ring, hold the products of matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.fhe.layout import Integers, Words, messages, result_places, results, tiles
from gateway.fhe.parameters import Parameters
from gateway.fhe.plan import Plan

_DEGREE = 64
_Q = Parameters().modulus


def _plan(inputs: int, outputs: int, lanes: int, block: int) -> Plan:
    return Plan(
        inputs=inputs,
        outputs=outputs,
        lanes=lanes,
        block=block,
        rows=_DEGREE // lanes // block,
        longest=1e6,
        largest=2**29 - 1,
        step_bits=24,
        drop_body=0,
        drop_mask=0,
        noise=0,
    )


def _negacyclic(a: Words, b: Integers) -> Words:
    """a * b modulo X^n + 1 and q."""
    product = [0] * len(a)
    for i, x in enumerate(a.tolist()):
        for j, y in enumerate(b.tolist()):
            product[(i + j) % len(a)] += x * y * (-1 if i + j >= len(a) else 1)
    return np.array([each % _Q for each in product], dtype=np.uint64)


def _spread(tile: Integers, lanes: int) -> Integers:
    """A polynomial in Y as one in X."""
    whole = np.zeros(_DEGREE, dtype=np.int64)
    whole[::lanes] = tile
    return whole


@settings(max_examples=25, deadline=None)
@given(
    inputs=st.integers(1, 20),
    outputs=st.integers(1, 12),
    lanes=st.sampled_from([1, 2, 8]),
    block=st.integers(1, 8),
    seed=st.integers(0, 1000),
)
def test_results_stand_where_they_should(inputs: int, outputs: int, lanes: int, block: int, seed: int) -> None:
    random, plan = np.random.default_rng(seed), _plan(inputs, outputs, lanes, block)
    weights = random.integers(-1023, 1024, (outputs, inputs)).astype(np.int16)
    vectors = random.integers(-4095, 4096, (int(random.integers(1, lanes + 1)), inputs))
    short = messages(vectors, plan, _Q)
    plaintexts = np.pad(short, ((0, 0), (0, _DEGREE - short.shape[1])))
    sums = np.zeros((plan.tiles, _DEGREE), dtype=np.uint64)
    for row, polynomials in enumerate(tiles(weights, plan, _DEGREE)):
        for plaintext, polynomial in zip(plaintexts, polynomials, strict=True):
            sums[row] = (sums[row] + _negacyclic(plaintext, _spread(polynomial, lanes))) % np.uint64(_Q)
    found = sums[:, result_places(plan)].astype(np.int64)
    numbers, distances = results(found - _Q * (found > _Q // 2), plan, len(vectors))
    assert (numbers == vectors @ weights.T.astype(np.int64)).all()
    assert not distances.any()


@pytest.mark.parametrize("distance", [-3, 0, 5])
def test_the_distance_to_a_whole_number_is_told(distance: int) -> None:
    plan = _plan(1, 1, 1, _DEGREE)
    numbers, distances = results(np.array([[-7 * 2**plan.step_bits + distance]]), plan, 1)
    assert (numbers.item(), distances.item()) == (-7, distance)
