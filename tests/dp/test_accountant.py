"""The accountant against published values, and against bounds that are proved."""

from __future__ import annotations

from math import exp, inf, log, nan, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dp.accountant import epsilon, rho_within, total

CHANCE = NormalDist().cdf


def test_it_agrees_with_the_2020_census() -> None:
    """rho 2.56 for the redistricting data on persons, published as epsilon 17.14 at delta 1e-10.

    https://www.census.gov/newsroom/press-releases/2021/2020-census-key-parameters.html
    """
    assert epsilon([2.56], 1e-10) == pytest.approx(17.14, rel=0.005)


@given(rho=st.floats(1e-3, 10), delta=st.sampled_from([1e-10, 1e-6, 1e-4]))
def test_it_lies_below_the_first_bound_that_was_published(rho: float, delta: float) -> None:
    """Bun and Steinke 2016, Proposition 1.3."""
    assert epsilon([rho], delta) <= rho + 2 * sqrt(rho * log(1 / delta))


@given(rho=st.floats(1e-2, 5), delta=st.sampled_from([1e-8, 1e-5]))
def test_it_promises_no_more_than_a_gaussian_keeps(rho: float, delta: float) -> None:
    """The delta of a Gaussian mechanism with this rho at our epsilon, exactly: Balle and Wang 2018, Theorem 8."""
    mu, found = sqrt(2 * rho), epsilon([rho], delta)
    assert CHANCE(mu / 2 - found / mu) - exp(found) * CHANCE(-mu / 2 - found / mu) <= delta


def test_costs_add_up_and_nothing_costs_nothing() -> None:
    assert epsilon([0.01] * 30, 1e-6) == pytest.approx(epsilon([0.3], 1e-6), rel=1e-9)
    assert total([0.1, 0.2]) == pytest.approx(0.3)
    assert total([0.1, 0.2]) >= 0.1 + 0.2
    assert (epsilon([], 1e-6), total([])) == (0.0, 0.0)


@pytest.mark.parametrize("rho", [-0.1, nan, inf])
def test_what_is_no_cost_fits_into_no_budget(rho: float) -> None:
    assert epsilon([0.1, rho], 1e-6) == inf


@pytest.mark.parametrize("delta", [0.0, 1.0, nan, -1e-6])
def test_nor_does_anything_at_an_absurd_delta(delta: float) -> None:
    assert epsilon([0.1], delta) == inf


@pytest.mark.parametrize("wanted", [0.01, 0.5, 1.0, 8.0])
def test_the_cost_within_an_epsilon_uses_all_of_it(wanted: float) -> None:
    assert 0.999 * wanted <= epsilon([rho_within(wanted, 1e-6)], 1e-6) <= wanted
