from __future__ import annotations

import numpy as np
import pytest

from gateway.fhe.parameters import Parameters
from gateway.fhe.server.transform import backward, forward, root_of_unity, tables

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
