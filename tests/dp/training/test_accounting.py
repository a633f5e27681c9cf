"""The accountant against what others have published, and the search for noise and steps."""

from __future__ import annotations

from math import exp, sqrt

import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from gateway.dp.training.accounting import completed, epsilon_after
from gateway.dp.training.plan import Plan
from gateway.errors import InvalidRequest


def gaussian_epsilon(sigma: float, delta: float) -> float:
    """Of the Gaussian mechanism, exactly: Balle and Wang 2018 (https://arxiv.org/abs/1805.06530), theorem 8."""

    def excess(epsilon: float) -> float:
        half, shift = 1 / (2 * sigma), epsilon * sigma
        return float(norm.cdf(half - shift) - exp(epsilon) * norm.cdf(-half - shift) - delta)

    return float(brentq(excess, 0, 50))


@pytest.mark.parametrize(("sigma", "steps"), [(2.0, 1), (4.0, 16), (10.0, 25)])
def test_without_sampling_it_is_the_gaussian_mechanism(sigma: float, steps: int) -> None:
    exact = gaussian_epsilon(sigma / sqrt(steps), 1e-5)
    told = epsilon_after(steps, sigma, 1 - 1e-9, 1e-5)
    assert exact <= told <= exact + 0.03


def test_it_is_below_the_published_figure_of_the_moments_accountant() -> None:
    """MNIST with noise 1.1, batches of 256 of 60,000 and 60 epochs: 3.01 at 1e-5, by the tutorial of TensorFlow Privacy."""
    told = epsilon_after(60 * 60_000 // 256, 1.1, 256 / 60_000, 1e-5)
    assert 2.3 < told < 3.01


def test_noise_and_steps_stay_within_epsilon() -> None:
    asked = Plan(epsilon=3.0, delta=1e-5, steps=50, batch=10)
    noisy = completed(asked, 200)
    assert 2.9 <= epsilon_after(50, noisy.noise, 0.05, 1e-5) <= 3.0
    found = completed(Plan(epsilon=3.0, delta=1e-5, steps=0, noise=noisy.noise, batch=10), 200)
    assert 50 <= found.steps <= 54
    assert completed(Plan(epsilon=3.0, delta=1e-5, steps=20, noise=noisy.noise, batch=10), 200).steps == 20
    with pytest.raises(InvalidRequest):
        completed(Plan(epsilon=0.1, delta=1e-6, steps=0, noise=0.3, batch=10), 200)
