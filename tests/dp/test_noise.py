"""The mechanisms cost what they say, and their noise is as large as they say. Bounds fail once in millions of runs."""

from __future__ import annotations

from math import sqrt
from statistics import fmean, pstdev

import pytest

from gateway.dp.noise import NoisyQuantiles, NoisySums, candidates
from gateway.errors import InvalidRequest


@pytest.mark.parametrize(("rho", "rows", "most"), [(0.01, 5, 1), (0.5, 20, 1), (0.002, 20, 4_000)])
def test_the_noise_of_sums_is_the_least_for_their_cost(rho: float, rows: int, most: int) -> None:
    """rho = (distance / scale)^2 / 2: Bun and Steinke 2016, Proposition 1.6."""
    sums = NoisySums.within(rho, rows, most)
    assert sums.rho <= rho
    assert sums.scale == pytest.approx(rows * most / sqrt(2 * rho), rel=1e-6)


def test_sums_come_with_noise_of_that_size_and_around_the_truth() -> None:
    sums = NoisySums.within(0.02, 2, 1)
    assert sums.scale == pytest.approx(10)
    drawn = sums.release([1_000] * 20_000)
    assert fmean(drawn) == pytest.approx(1_000, abs=5 * 10 / sqrt(20_000))
    assert pstdev(drawn) == pytest.approx(10, rel=0.03)
    assert 0.95 <= fmean(abs(value - 1_000) <= sums.interval for value in drawn) <= 0.975
    assert sums.release([1_000] * 50) != sums.release([1_000] * 50)


@pytest.mark.parametrize(("rho", "most"), [(0.005, 1_000), (0.005, 5_000), (5e-7, 10**9)])
def test_the_interval_of_wide_noise_is_told_at_once(rho: float, most: int) -> None:
    """It is never too narrow; to count out the last one would take days."""
    sums = NoisySums.within(rho, 1, most)
    assert 1.959963 * sums.scale < sums.interval <= 1.959964 * sums.scale + 2


def test_quantiles_cost_what_was_allowed_over_all_groups() -> None:
    one, ten = (NoisyQuantiles.within(0.1, 5, groups, 0.5, 10_000) for groups in (1, 10))
    assert 0.0999 < one.rho <= 0.1
    assert 0.0999 < ten.rho <= 0.1 + 1e-12
    assert ten.scale == pytest.approx(one.scale * sqrt(10), rel=1e-3)


def test_a_quantile_of_many_is_near_the_truth() -> None:
    quantiles = NoisyQuantiles.within(0.5, 2, 2, 0.9, 10_000)
    found = quantiles.release({"many": [*range(1_000)] * 20, "none": []})
    assert 800 <= found["many"] <= 1_000
    assert found["none"] in candidates(10_000)


def test_a_value_that_all_have_is_found_between_candidates() -> None:
    quantiles = NoisyQuantiles.within(0.5, 2, 1, 0.5, 60_000)
    assert quantiles.release({"all": [250] * 400}) == {"all": 261}


def test_candidates_reach_from_nothing_to_the_bound() -> None:
    assert candidates(1) == [0, 1]
    assert candidates(10) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    some = candidates(60_000)
    assert (some[0], some[-1], len(some)) == (0, 60_000, len(set(some)))
    assert all(high <= 1.16 * low or high - low == 1 for low, high in zip(some[1:], some[2:], strict=False))


def test_noise_that_no_number_holds_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="more noise"):
        NoisySums.within(1e-12, 100_000, 10**9)
