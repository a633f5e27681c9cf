"""A run of training: its steps, what is shown of them, and how it goes on after a stop."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from opacus.utils.uniform_sampler import UniformWithReplacementSampler
from peft import get_peft_model_state_dict, set_peft_model_state_dict

from gateway.dp.training.accounting import epsilon_after, error_of
from gateway.dp.training.checkpoint import Checkpoint, write_checkpoint
from gateway.dp.training.encode import Encoded
from gateway.dp.training.plan import Plan
from gateway.dp.training.step import NotFinite, Stepper, stepper

_SHOWN = 5
"""How often in a run its epsilon is worked out for whoever watches: where noise is small, that takes seconds."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`loss` is the mean of the step's examples: not private, and in no file. None where nobody was drawn."""

    steps: int
    of: int
    loss: float | None
    epsilon: float


class BrokeOff(Exception):
    """The run came to no number. `steps` were done before, and are spent."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps


@dataclass(slots=True)
class Trainer:
    """The trained model in `model`, a `completed` plan, and the units that are sampled."""

    model: Any
    plan: Plan
    units: Sequence[Sequence[Encoded]]
    padding: int
    device: str
    checkpoint: Path

    def run(self, begun: Checkpoint, show: Callable[[Progress], None]) -> int:
        """From where a checkpoint stands (a fresh run's has no steps) to the end; how many steps it was. The last checkpoint is
        that of the end. Raises BrokeOff, and OSError where a checkpoint cannot be written.
        """
        noise, sampling = _generators(self.device, begun)
        steps = stepper(self.model, self.plan, padding=self.padding, noise=noise, device=self.device)
        if begun.steps:
            set_peft_model_state_dict(self.model, dict(begun.adapter))
            steps.optimizer.load_state_dict(dict(begun.optimizer))
        rate, done, epsilon = self.plan.sample_rate(len(self.units)), begun.steps, 0.0
        left = self.plan.steps - done
        if not begun.steps:
            self._write(begun, steps, done, noise, sampling)
        for drawn in _samples(len(self.units), rate, sampling, left):
            try:
                loss = steps.step([self.units[at] for at in drawn])
            except NotFinite:
                raise BrokeOff(done) from None
            done += 1
            if done % self.plan.checkpoint_every == 0 or done == self.plan.steps:
                self._write(begun, steps, done, noise, sampling)
            if done % max(1, self.plan.steps // _SHOWN) == 0 or done == self.plan.steps:
                epsilon = epsilon_after(done, self.plan.noise, rate, self.plan.delta, error_of(self.plan))
            show(Progress(done, self.plan.steps, loss, epsilon))
        steps.model.remove_hooks()
        return done

    def _write(self, begun: Checkpoint, at: Stepper, done: int, noise: torch.Generator, sampling: torch.Generator) -> None:
        now = replace(
            begun,
            steps=done,
            adapter=get_peft_model_state_dict(self.model),
            optimizer=at.optimizer.state_dict(),
            noise=noise.get_state(),
            sampling=sampling.get_state(),
        )
        write_checkpoint(self.checkpoint, now)


def _samples(units: int, rate: float, sampling: torch.Generator, steps: int) -> Any:
    """Poisson sampling, as Opacus does it."""
    if steps <= 0:
        return ()
    return UniformWithReplacementSampler(num_samples=units, sample_rate=rate, generator=sampling, steps=steps)


def _generators(device: str, begun: Checkpoint) -> tuple[torch.Generator, torch.Generator]:
    """Of noise and of samples: from the operating system's entropy, or where a checkpoint left them."""
    noise, sampling = torch.Generator(device), torch.Generator()
    for generator, state in ((noise, begun.noise), (sampling, begun.sampling)):
        if state is not None:
            generator.set_state(state)
        else:
            generator.manual_seed(secrets.randbits(63))
    return noise, sampling
