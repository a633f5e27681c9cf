from __future__ import annotations

import numpy as np
import pytest

from gateway.fhe.parameters import Parameters
from gateway.fhe.transform import backward, backward_at, forward, root_of_unity, tables
from tests.fhe.judge import seal_values, whole_numbers

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


@pytest.mark.parametrize("places", [[0, 5], [1, 3, 63], [15, 31], [63], [23, 47], list(range(64))])
def test_some_coefficients_come_back_alone(places: list[int]) -> None:
    table = tables(64, _Q, root_of_unity(128, _Q))
    values = np.random.default_rng(len(places)).integers(0, _Q, (7, 64), dtype=np.uint64)
    whole = values.copy()
    backward(whole, table)
    assert (backward_at(values, table, np.array(places)) == whole[:, places]).all()


@pytest.mark.parametrize("seed", range(3))
def test_values_are_those_of_seal_in_its_order(seed: int) -> None:
    polynomials = np.random.default_rng(seed).integers(-(2**47) + 1, 2**47, (100, 2048))
    polynomials[:3] = [[0] * 2047 + [1], [1] + [0] * 2047, [2**47 - 1] * 2048]
    values = (polynomials % _Q).astype(np.uint64)
    forward(values, tables(2048, _Q, root_of_unity(4096, _Q)))
    context = whole_numbers(Parameters())
    for ours, polynomial in zip(values, polynomials, strict=True):
        assert (ours == seal_values(polynomial, context)).all()


def test_values_that_are_not_reduced_come_back_reduced() -> None:
    table = tables(2048, _Q, root_of_unity(4096, _Q))
    values = np.random.default_rng(4).integers(0, 4 * _Q, (20, 2048), dtype=np.uint64)
    values[0], values[1] = 4 * _Q - 1, 0
    values[2, ::2], values[2, 1::2] = 4 * _Q - 1, 0
    values[3, ::2], values[3, 1::2] = 0, 4 * _Q - 1
    reduced, places = values % np.uint64(_Q), np.arange(63, 2048, 64)
    some = backward_at(values, table, places)
    backward(values, table)
    backward(reduced, table)
    assert (values == reduced).all()
    assert (some == reduced[:, places]).all()


def test_rows_with_gaps_are_refused() -> None:
    table, rows = tables(64, _Q, root_of_unity(128, _Q)), np.zeros((4, 128), dtype=np.uint64)
    for work in (forward, backward, lambda rows, table: backward_at(rows, table, np.array([1]))):
        with pytest.raises(ValueError, match="one after another"):
            work(rows[:, ::2], table)


@pytest.mark.parametrize("kind", ["<u4", "<i8", ">u8", "<f8"])
def test_rows_of_other_words_are_refused(kind: str) -> None:
    """The loops would read beyond their end."""
    table, rows = tables(64, _Q, root_of_unity(128, _Q)), np.zeros((4, 64), dtype=kind)
    for work in (forward, backward, lambda rows, table: backward_at(rows, table, np.array([1]))):
        with pytest.raises(ValueError, match="64 bits"):
            work(rows, table)


@pytest.mark.parametrize("degree", [8, 128])
@pytest.mark.parametrize("count", [1, 5, 8, 27])
def test_with_tables_for_a_smaller_degree_many_polynomials_are_transformed_at_once(degree: int, count: int) -> None:
    """Coefficients of one power lie next to each other, and so do the values at one place."""
    table = tables(degree, _Q, root_of_unity(2 * degree, _Q))
    polynomials = np.random.default_rng(2).integers(0, _Q, (count, degree), dtype=np.uint64)
    together = polynomials.T.copy().reshape(1, -1)
    forward(together, table)
    apart = polynomials.copy()
    forward(apart, table)
    assert np.array_equal(apart, together.reshape(degree, count).T)
    backward(together, table)
    assert np.array_equal(polynomials, together.reshape(degree, count).T)
