"""Steps a second of DP-SGD on low-rank adapters by each of Opacus' ways to clip, and epsilon by two accountants.

`python -m bench.dp.steps --model FILE`. Clipped is each example: ghost clipping never forms the gradients that a unit's mean
needs.
"""

from __future__ import annotations

import argparse
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from opacus import GradSampleModule
from opacus.accountants import RDPAccountant
from opacus.grad_sample import GradSampleModuleFastGradientClipping
from opacus.optimizers import DPOptimizer, DPOptimizerFastGradientClipping

from bench.dp.attacks import encoded
from bench.dp.town import town
from gateway.dp.training.accounting import epsilon_after
from gateway.dp.training.encode import Encoded
from gateway.dp.training.library import require_libraries
from gateway.dp.training.model import Base, load_base, with_adapter
from gateway.dp.training.plan import Plan
from gateway.dp.training.step import losses

_PLAN = Plan(epsilon=8.0, delta=1e-5, steps=1, noise=0.8, batch=4.0, rank=8)
_COMMON: dict[str, Any] = {"noise_multiplier": 0.8, "max_grad_norm": 1.0, "expected_batch_size": 4}
WAYS = ("hooks", "functorch", "ghost")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3)
    asked = parser.parse_args()
    require_libraries()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    base = load_base(asked.model)
    known = [encoded(base.tokenizer, one) for one in town(1, people=4, canaries=0, strangers=0).members]
    print(f"{base.name}, 4 examples of about {len(known[0].ids)} tokens, one thread")
    for way in WAYS:
        print(f"{way:10} {_rate(base, way, known, asked.steps)}")
    print("\nsteps  noise  rate    RDP    PRV   (epsilon at delta 1e-5)")
    for steps, noise, rate in ((200, 1.0, 0.01), (1000, 1.0, 0.01), (1000, 0.7, 0.01)):
        print(
            f"{steps:5}  {noise:5}  {rate:4}  {_rdp(steps, noise, rate):5.2f}  {epsilon_after(steps, noise, rate, 1e-5):5.2f}"
        )


def _rate(base: Base, way: str, known: list[Encoded], steps: int) -> str:
    """Steps a second of CPU time, after one that does not count; or why not."""
    model = with_adapter(base, replace(_PLAN))
    try:
        step = _ghost(model, known) if way == "ghost" else _clipped(model, way, known)
        step()
        began = time.process_time()
        for _ in range(steps):
            step()
        return f"{steps / (time.process_time() - began):5.2f} steps a second"
    except (RuntimeError, NotImplementedError, ValueError, TypeError, AttributeError) as error:
        return f"does not work here ({type(error).__name__})"
    finally:
        model.unload()


def _clipped(model: Any, way: str, known: list[Encoded]) -> Any:
    wrapped = GradSampleModule(model, loss_reduction="sum", force_functorch=way == "functorch")
    wrapped.train()
    optimizer = DPOptimizer(_adam(wrapped), **_COMMON)

    def step() -> None:
        losses(wrapped, known, 0, "cpu").sum().backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


def _ghost(model: Any, known: list[Encoded]) -> Any:
    """Norms first, then a second pass with weighted losses."""
    wrapped = GradSampleModuleFastGradientClipping(model, loss_reduction="sum", max_grad_norm=1.0, use_ghost_clipping=True)
    wrapped.train()
    optimizer = DPOptimizerFastGradientClipping(_adam(wrapped), **_COMMON)

    def step() -> None:
        found = losses(wrapped, known, 0, "cpu")
        found.sum().backward(retain_graph=True)
        optimizer.zero_grad()
        weights = wrapped.get_clipping_coef()
        wrapped.disable_hooks()
        (weights * found).sum().backward()
        wrapped.enable_hooks()
        optimizer.step()
        optimizer.zero_grad()

    return step


def _adam(model: Any) -> torch.optim.Optimizer:
    return torch.optim.Adam([one for one in model.parameters() if one.requires_grad], lr=1e-4)


def _rdp(steps: int, noise: float, rate: float) -> float:
    accountant = RDPAccountant()
    accountant.history = [(noise, rate, steps)]
    return float(accountant.get_epsilon(delta=1e-5))


if __name__ == "__main__":
    main()
