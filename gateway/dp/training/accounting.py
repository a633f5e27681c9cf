"""What steps cost together, by Opacus' PRV accountant: numerical composition of privacy loss random variables.

Gopi, Lee and Wutschitz 2021 (https://arxiv.org/abs/2106.02848), for the Poisson-subsampled Gaussian mechanism, where two data
sets are neighbours if one has a unit more than the other. What is told is the upper end of its error.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from opacus.accountants import PRVAccountant

from gateway.dp.training.plan import Plan
from gateway.errors import InvalidRequest

_ERROR = 0.01
"""Of the accountant, in epsilon; smaller for a small budget."""
_LEAST_NOISE, _MOST_NOISE = 0.25, 1e4


def epsilon_after(steps: int, noise: float, sample_rate: float, delta: float, error: float = _ERROR) -> float:
    """An upper bound on the epsilon, at this delta; 0 of no steps."""
    if steps == 0:
        return 0.0
    accountant = PRVAccountant()
    accountant.history = [(noise, sample_rate, steps)]
    with _quietly():
        return float(accountant.get_epsilon(delta=delta, eps_error=error))


def completed(plan: Plan, units: int) -> Plan:
    """With both steps and noise, of which neither goes beyond the plan's epsilon. Raises InvalidRequest."""
    rate = plan.sample_rate(units)
    if plan.noise > 0:
        return replace(plan, steps=_steps_within(plan, rate))
    return replace(plan, noise=_noise_for(plan, rate))


def error_of(plan: Plan) -> float:
    return min(_ERROR, plan.epsilon / 50)


def _noise_for(plan: Plan, rate: float) -> float:
    """The least noise within epsilon, to a thousandth. It comes from above: far below, the accountant's grids are enormous."""

    def fits(noise: float) -> bool:
        return epsilon_after(plan.steps, noise, rate, plan.delta, error_of(plan)) <= plan.epsilon

    high = 1.0
    while not fits(high):
        high *= 2
        if high > _MOST_NOISE:
            raise InvalidRequest("No noise makes so many steps cost so little.", param="epsilon")
    while (low := 0.8 * high) >= _LEAST_NOISE and fits(low):
        high = low
    while high - low > high / 1000 and low >= _LEAST_NOISE:
        middle = (low + high) / 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


@contextmanager
def _quietly() -> Iterator[None]:
    """The accountant sizes its grid by RDP, and says so where RDP is loose: the grid is larger then, and no less right."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Optimal order is the", UserWarning)
        yield


def _steps_within(plan: Plan, rate: float) -> int:
    """The most steps that this noise allows, and not more than the plan has, where it says how many."""

    def fits(steps: int) -> bool:
        return epsilon_after(steps, plan.noise, rate, plan.delta, error_of(plan)) <= plan.epsilon

    if plan.steps and fits(plan.steps):
        return plan.steps
    most = plan.steps or 1
    while not plan.steps and fits(2 * most):
        most *= 2
    low, high = 0, most if plan.steps else 2 * most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    if low == 0:
        raise InvalidRequest("With so little noise not one step is within epsilon.", param="noise")
    return low
