"""The model card: what was trained, and the privacy statement. Pure.

It tells nothing of the data that is not public or paid for: neither losses nor counts, but for the number of units, which the
guarantee treats as known.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.dp.dataset.card import DataCard
from gateway.dp.training.plan import ACCOUNTANT, SAMPLING, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A run that ended: `epsilon` is what its steps came to, at the plan's delta."""

    base: str
    base_sha256: str
    card: DataCard
    units: int
    plan: Plan
    steps: int
    epsilon: float
    release: str

    def statement(self) -> dict[str, object]:
        """For the ledger and for programs."""
        return {
            "mechanism": "DP-SGD: clipped gradients of units, averaged, with Gaussian noise; Adam on what comes of it",
            "unit": self.card.unit.value,
            "examples_per_unit": self.card.per_unit,
            "neighbours": "one unit more or fewer",
            "epsilon": self.epsilon,
            "delta": self.plan.delta,
            "accountant": ACCOUNTANT,
            "noise_multiplier": self.plan.noise,
            "clipping": self.plan.clip,
            "sampling": SAMPLING,
            "sample_rate": self.plan.sample_rate(self.units),
            "units": self.units,
            "steps": self.steps,
            "release": self.release,
            "data_set_sha256": self.card.sha256,
            "base_sha256": self.base_sha256,
        }


def model_card(trained: Trained) -> str:
    """Markdown, as README.md of the adapter."""
    card, plan, unit = trained.card, trained.plan, trained.card.unit.value
    rate = plan.sample_rate(trained.units)
    return f"""\
---
library_name: peft
base_model: {trained.base}
tags: [lora, differential-privacy]
---
# An adapter, trained with differential privacy

For `{trained.base}` (SHA-256 `{trained.base_sha256}`): rank {plan.rank}, alpha {2 * plan.rank}, on {", ".join(plan.targets)}.

## Privacy statement

Whether any one {unit} is in the data or not, every set of adapters that might have come out is at most e^{trained.epsilon:.4g}
times as likely, but for a chance of {plan.delta:g}.

| | |
|:--|:--|
| epsilon, delta | {trained.epsilon:.4g}, {plan.delta:g} |
| unit of privacy | {unit}, with at most {card.per_unit} examples; neighbours differ in one {unit} |
| mechanism | DP-SGD: the gradients of a {unit}'s examples are averaged, clipped, summed, and Gaussian noise is added; Adam |
| clipping | Euclidean norm {plan.clip:g} for each {unit}, over all parameters |
| noise | standard deviation {plan.noise:.4g} times the clipping norm |
| sampling, as it was | {SAMPLING}: {rate:.4g} |
| steps | {trained.steps} |
| accountant | {ACCOUNTANT}, in Opacus |
| treated as public | that there are {trained.units} of them, and all figures of this card |
| ledger | release `{trained.release}` of `{card.tenant}` / `{card.data_set}` |

It protects whoever is a {unit}. It does not hide what many of them say alike, and it says nothing of people whom others write
about. What is released from the same data elsewhere adds up.

## Data

Exchanges of `{card.tenant}` from {card.since} to {card.until}, for {", ".join(card.purposes)}, under consent; personal data was
replaced before they were kept. SHA-256 of the examples: `{card.sha256}`.

## Use

    llama-server --model BASE.gguf --lora adapter.gguf
    vllm serve BASE --enable-lora --lora-modules adapter=.
"""
