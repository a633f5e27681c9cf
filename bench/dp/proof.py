"""Trains the same model on the same people twice, with noise and without, and attacks both: `python -m bench.dp.proof`.

Each seed has people, secrets, batches and first weights of its own, and they are the same for both runs: so what differs
between the two is what differential privacy does.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from opacus.utils.uniform_sampler import UniformWithReplacementSampler

from bench.dp.attacks import Found, attacked, encoded
from bench.dp.plot import draw, table
from bench.dp.town import Town, town
from gateway.dp.training.accounting import completed
from gateway.dp.training.library import require_libraries
from gateway.dp.training.model import Base, load_base, with_adapter
from gateway.dp.training.plan import Plan
from gateway.dp.training.step import stepper

_PLAN = Plan(
    epsilon=8.0, delta=1e-4, steps=30, batch=6.0, clip=1.0, learning_rate=4e-3, rank=4, targets=("q_proj", "v_proj"), chunk=16
)
_PEOPLE = {"people": 50, "canaries": 4, "strangers": 30}
_CONTROL = 1e6
"""A bound that no gradient reaches: the control is not clipped either."""


@dataclass(frozen=True, slots=True)
class Run:
    """`way` is before, control or dp."""

    seed: int
    way: str
    found: Found


def main() -> None:
    asked = _asked()
    require_libraries()
    torch.set_num_threads(1)
    plan = completed(replace(_PLAN, steps=asked.steps, epsilon=asked.epsilon), _PEOPLE["people"])
    base = load_base(asked.model)
    runs: list[Run] = []
    for run in _runs(base, plan, asked.seeds):
        runs.append(run)
        print(f"{time.process_time():6.0f} s  seed {run.seed}  {run.way:8}", asdict(run.found), flush=True)
    asked.out.mkdir(parents=True, exist_ok=True)
    kept = {"plan": plan.to_dict(), "people": _PEOPLE, "runs": [asdict(run) for run in runs]}
    (asked.out / "proof-dp.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(table(runs, plan))
    draw(runs, plan, asked.plot)


def _runs(base: Base, plan: Plan, seeds: int) -> Iterator[Run]:
    for seed in range(1, seeds + 1):
        people = town(seed, **_PEOPLE)
        yield Run(seed, "before", attacked(base.model, base.tokenizer, people, seed))
        for way, one in (("control", replace(plan, noise=0.0, clip=_CONTROL)), ("dp", plan)):
            yield Run(seed, way, _trained(base, one, people, seed))


def _trained(base: Base, plan: Plan, people: Town, seed: int) -> Found:
    torch.manual_seed(seed)  # of the adapters' first weights
    model = with_adapter(base, plan)
    steps = stepper(model, plan, padding=0, noise=torch.Generator().manual_seed(1000 + seed), device="cpu")
    known = [[encoded(base.tokenizer, one)] for one in people.members]
    drawn = torch.Generator().manual_seed(2000 + seed)
    for units in UniformWithReplacementSampler(
        num_samples=len(known), sample_rate=plan.sample_rate(len(known)), generator=drawn, steps=plan.steps
    ):
        steps.step([known[at] for at in units])
    found = attacked(model, base.tokenizer, people, seed)
    steps.model.remove_hooks()
    model.unload()
    return found


def _asked() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a GGUF file or a Hugging Face folder")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=_PLAN.steps)
    parser.add_argument("--epsilon", type=float, default=_PLAN.epsilon)
    parser.add_argument("--out", type=Path, default=Path("bench/results"))
    parser.add_argument("--plot", type=Path, default=Path("docs/dp-proof.svg"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
