"""A step of DP-SGD: the unit is what is clipped, and noise comes whether anybody is there or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from gateway.dp.training.encode import Encoded, encode_units
from gateway.dp.training.model import load_base, with_adapter
from gateway.dp.training.plan import Plan
from gateway.dp.training.step import NotFinite, Stepper, stepper
from tests.dp.training.conftest import examples

PLAN = Plan(epsilon=1.0, delta=1e-6, noise=0.0, steps=1, batch=2.0, clip=0.05, rank=2, chunk=4)


def made(path: Path, **changes: Any) -> tuple[Stepper, list[list[Encoded]]]:
    base = load_base(path)
    plan = Plan(**{**PLAN.to_dict(), **changes})
    torch.manual_seed(1)
    units = {f"u{at}": examples(at + 1, 3)[-3:] for at in range(3)}
    steps = stepper(with_adapter(base, plan), plan, padding=0, noise=torch.Generator().manual_seed(1), device="cpu")
    return steps, encode_units(base.tokenizer, units, 64)


def update(steps: Stepper, units: list[list[Encoded]]) -> torch.Tensor:
    """What would be taken from the weights: the clipped, noisy, averaged gradient."""
    seen: list[torch.Tensor] = []
    steps.optimizer.attach_step_hook(lambda found: seen.append(torch.cat([one.grad.flatten() for one in found.params])))
    steps.step(units)
    return seen[0]


def test_a_unit_adds_no_more_than_the_bound_however_much_it_wrote(tiny_model: Path) -> None:
    steps, units = made(tiny_model)
    once = update(steps, [units[0][:1]])
    assert float(once.norm()) * PLAN.batch == pytest.approx(PLAN.clip, rel=1e-3)
    steps, units = made(tiny_model)
    five_times = update(steps, [units[0][:1] * 5])
    assert torch.allclose(once, five_times, atol=1e-6)
    steps, units = made(tiny_model)
    everybody = update(steps, units)
    assert float(everybody.norm()) * PLAN.batch <= 3 * PLAN.clip * (1 + 1e-4)


def test_a_units_gradient_is_the_mean_of_its_examples(tiny_model: Path) -> None:
    single = []
    for at in range(3):
        steps, units = made(tiny_model, clip=1e6)
        single.append(update(steps, [[units[1][at]]]))
    steps, units = made(tiny_model, clip=1e6)
    together = update(steps, [units[1]])
    assert torch.allclose(together, sum(single[1:], single[0]) / 3, atol=1e-6)


@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_what_is_computed_at_once_changes_nothing(tiny_model: Path, chunk: int) -> None:
    steps, units = made(tiny_model)
    whole = update(steps, units)
    steps, units = made(tiny_model, chunk=chunk)
    assert torch.allclose(update(steps, units), whole, atol=1e-6)


def test_noise_comes_with_nobody_there(tiny_model: Path) -> None:
    steps, _ = made(tiny_model, noise=2.0)
    noise = update(steps, [])
    assert float(noise.std()) == pytest.approx(2.0 * PLAN.clip / PLAN.batch, rel=0.1)


def test_what_is_no_number_stops_before_the_model_changes(tiny_model: Path) -> None:
    steps, units = made(tiny_model, noise=1.0, chunk=1)
    before = [one.detach().clone() for one in steps.optimizer.params]
    for parameter in steps.model.parameters():
        if not parameter.requires_grad:
            parameter.data.fill_(float("nan"))
            break
    with pytest.raises(NotFinite):
        steps.step(units)
    assert all(torch.equal(one, other) for one, other in zip(before, steps.optimizer.params, strict=True))
