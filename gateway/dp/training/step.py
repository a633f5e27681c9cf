"""One step of DP-SGD with units of several examples (Abadi et al. 2016, https://arxiv.org/abs/1607.00133; by people, McMahan et
al. 2018, https://arxiv.org/abs/1710.06963).

Opacus computes the gradient of each example, clips and adds noise. Between the two, the gradients of a unit's examples are
averaged into one: so it is the unit that is clipped, and that the guarantee is about, whatever number of examples it has.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from opacus import GradSampleModule
from opacus.optimizers import DPOptimizer

from gateway.dp.training.encode import IGNORED, Encoded, collate
from gateway.dp.training.plan import Plan


class NotFinite(Exception):
    """A loss or a gradient is no number. Raised before noise is added and before the model is changed."""


def losses(model: Any, encoded: Sequence[Encoded], padding: int, device: str) -> torch.Tensor:
    """Of each example, the mean over its learned tokens, in nats."""
    batch = collate(encoded, padding, device)
    logits = model(input_ids=batch.ids, attention_mask=batch.mask).logits[:, :-1]
    labels = batch.labels[:, 1:]
    by_token = torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels, ignore_index=IGNORED, reduction="none")
    return by_token.sum(dim=1) / (labels != IGNORED).sum(dim=1).clamp(min=1)


@dataclass(slots=True)
class Stepper:
    """A model and its optimizer. `noise` draws the noise, and holds what could take it away again: it stays secret."""

    model: GradSampleModule
    optimizer: DPOptimizer
    padding: int
    device: str
    chunk: int

    def step(self, units: Sequence[Sequence[Encoded]]) -> float | None:
        """Change the model by these units, which may be none; the mean loss of their examples, which is not private. Raises
        NotFinite.
        """
        chunks = _chunks(units, self.chunk) or [[]]
        total = 0.0
        for at, chunk in enumerate(chunks):
            total += self._accumulate(chunk)
            last = at == len(chunks) - 1
            if last:
                self._require_finite()
            self.optimizer.signal_skip_step(do_skip=not last)
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
        count = sum(map(len, units))
        return total / count if count else None

    def _accumulate(self, units: Sequence[Sequence[Encoded]]) -> float:
        """Leave one gradient for each unit where Opacus looks for one of each example."""
        if not units:
            for parameter in self.optimizer.params:
                parameter.grad_sample = torch.zeros((0, *parameter.shape), device=self.device)
            return 0.0
        found = losses(self.model, [one for unit in units for one in unit], self.padding, self.device)
        total = found.sum()
        if not torch.isfinite(total):
            self.optimizer.zero_grad(set_to_none=True)
            raise NotFinite
        with warnings.catch_warnings():
            # The first adapters' inputs are no parameters' doing; their own gradients are whole.
            warnings.filterwarnings("ignore", "Full backward hook is firing", UserWarning)
            total.backward()
        self._by_unit([len(unit) for unit in units])
        return float(total.detach())

    def _by_unit(self, sizes: Sequence[int]) -> None:
        counts = torch.tensor(sizes, device=self.device)
        rows = torch.repeat_interleave(torch.arange(len(sizes), device=self.device), counts)
        for parameter in self.optimizer.params:
            of_examples = parameter.grad_sample
            summed = torch.zeros((len(sizes), *parameter.shape), device=self.device).index_add_(0, rows, of_examples)
            parameter.grad_sample = summed / counts.view(-1, *[1] * parameter.dim())

    def _require_finite(self) -> None:
        """A unit that is no number would make all of the model none."""
        for parameter in self.optimizer.params:
            so_far = parameter.summed_grad if parameter.summed_grad is not None else torch.zeros(1)
            if not (torch.isfinite(parameter.grad_sample).all() and torch.isfinite(so_far).all()):
                self.optimizer.zero_grad(set_to_none=True)
                raise NotFinite


def stepper(model: Any, plan: Plan, *, padding: int, noise: torch.Generator | None, device: str) -> Stepper:
    """Of a completed plan. Noise is summed up from several draws, so that the gaps of floating point numbers do not tell what
    it hides (Holohan and Braghin 2021, https://arxiv.org/abs/2107.10138). Noise of 0 is for controls, and protects nobody.
    """
    wrapped = GradSampleModule(model.to(device), loss_reduction="sum")
    wrapped.train()
    trained = [parameter for parameter in wrapped.parameters() if parameter.requires_grad]
    optimizer = DPOptimizer(
        torch.optim.Adam(trained, lr=plan.learning_rate),
        noise_multiplier=plan.noise,
        max_grad_norm=plan.clip,
        expected_batch_size=plan.batch,
        loss_reduction="mean",
        generator=noise,
        secure_mode=True,
    )
    return Stepper(wrapped, optimizer, padding, device, plan.chunk)


def _chunks(units: Sequence[Sequence[Encoded]], most: int) -> list[list[Sequence[Encoded]]]:
    """Whole units, of at most so many examples together; a larger one by itself."""
    chunks: list[list[Sequence[Encoded]]] = []
    size = most
    for unit in units:
        if size + len(unit) > most:
            chunks.append([])
            size = 0
        chunks[-1].append(unit)
        size += len(unit)
    return chunks
