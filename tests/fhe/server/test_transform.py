from __future__ import annotations

import numpy as np
import pytest

from gateway.fhe.parameters import Parameters
from gateway.fhe.server.transform import backward, backward_last, forward, root_of_unity, tables

_Q = Parameters().modulus


@pytest.mark.parametrize("degree", [1, 2, 64, 2048])
def test_there_and_back(degree: int) -> None:
    table = tables(degree, _Q, root_of_unity(2 * degree, _Q))
    rows = np.random.default_rng(degree).integers(0, _Q, (50, degree), dtype=np.uint64)
    rows[0], rows[1] = 0, _Q - 1
    changed = rows.copy()
    forward(changed, table)
    assert (changed < np.uint64(_Q)).all()
    backward(changed, table)
    assert (changed == rows).all()


def test_values_are_those_at_the_odd_powers_in_bit_reversed_order() -> None:
    degree = 16
    root = root_of_unity(2 * degree, _Q)
    row = np.random.default_rng(1).integers(0, _Q, degree, dtype=np.uint64)
    values = row[None].copy()
    forward(values, tables(degree, _Q, root))
    for place, value in enumerate(values[0].tolist()):
        point = pow(root, 2 * int(f"{place:04b}"[::-1], 2) + 1, _Q)
        assert value == sum(each * pow(point, power, _Q) for power, each in enumerate(row.tolist())) % _Q


@pytest.mark.parametrize("step", [1, 2, 16, 64])
def test_some_coefficients_come_back_alone(step: int) -> None:
    table = tables(64, _Q, root_of_unity(128, _Q), factor=2**64)
    values = np.random.default_rng(step).integers(0, _Q, (7, 64), dtype=np.uint64)
    whole = values.copy()
    backward(whole, table)
    assert (backward_last(values, table, step) == whole[:, step - 1 :: step]).all()


def test_with_tables_for_a_smaller_degree_many_polynomials_are_transformed_at_once() -> None:
    """Coefficients of one power lie next to each other, and so do the values at one place."""
    table = tables(8, _Q, root_of_unity(16, _Q))
    polynomials = np.random.default_rng(2).integers(0, _Q, (5, 8), dtype=np.uint64)
    together = np.ascontiguousarray(polynomials.T).reshape(1, 40)
    forward(together, table)
    apart = polynomials.copy()
    forward(apart, table)
    assert np.array_equal(apart, together.reshape(8, 5).T)
    backward(together, table)
    assert np.array_equal(polynomials, together.reshape(8, 5).T)
