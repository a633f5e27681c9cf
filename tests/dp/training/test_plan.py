"""What no run may be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.dp.training.plan import Plan
from gateway.errors import InvalidRequest


@pytest.mark.parametrize(
    "changes",
    [
        {"epsilon": 0.0},
        {"epsilon": -1.0},
        {"epsilon": 1000.0},
        {"epsilon": float("nan")},
        {"delta": 0.0},
        {"delta": 0.1},
        {"steps": -1},
        {"steps": 0},
        {"noise": float("inf")},
        {"batch": 0.0},
        {"clip": float("nan")},
        {"learning_rate": -1.0},
        {"rank": 0},
        {"max_tokens": 1},
        {"targets": ()},
    ],
)
def test_absurd_plans_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        Plan(**{"epsilon": 1.0, "delta": 1e-6, **changes})


def test_a_step_has_at_most_half_of_all_units() -> None:
    plan = Plan(epsilon=1.0, delta=1e-6, batch=8)
    assert plan.sample_rate(16) == 0.5
    with pytest.raises(InvalidRequest):
        plan.sample_rate(15)
    assert Plan.from_dict(plan.to_dict()) == plan


def test_plans_that_are_one_run() -> None:
    plan = Plan(epsilon=1.0, delta=1e-6, steps=20, noise=1.2345)
    assert plan.differs(plan) is None
    assert plan.differs(replace(plan, noise=1.2346)) is None, "it was looked for to a thousandth"
    assert plan.differs(replace(plan, noise=1.25)) == "noise 1.2345 and not 1.25"
    assert plan.differs(replace(plan, learning_rate=0.1)) == "learning rate 0.001 and not 0.1"
