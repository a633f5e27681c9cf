"""From a data set to an adapter on the disk, within a budget: reserved before the first step, settled when the files are there.

A process that dies leaves its reservation, which counts as spent, and a checkpoint, from which the same run goes on with it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import torch

from gateway.dp.budget import Budget, require
from gateway.dp.dataset.files import DataSet
from gateway.dp.ledger import RELEASED, SETTLED, Ledger, Reserved
from gateway.dp.training.accounting import completed, epsilon_after, error_of
from gateway.dp.training.adapter_gguf import can_be_written, write_adapter
from gateway.dp.training.checkpoint import Checkpoint, read_checkpoint
from gateway.dp.training.encode import encode_units
from gateway.dp.training.model import Base, load_base, with_adapter
from gateway.dp.training.model_card import Trained, model_card
from gateway.dp.training.plan import Plan
from gateway.dp.training.run import BrokeOff, Progress, Trainer
from gateway.errors import InvalidRequest
from gateway.private_file import write_private

CHECKPOINT = "checkpoint.pt"
_SAFETENSORS, _GGUF = "adapter_model.safetensors", "adapter.gguf"


@dataclass(frozen=True, slots=True)
class Session:
    """Where a run happens, who pays, and who watches. `note` puts what is spent on the record, as `Ledger.told` says it: before
    the first step, and before it is settled.
    """

    ledger: Ledger
    budget: Budget
    data: DataSet
    out: Path
    by: str
    show: Callable[[Progress], None]
    note: Callable[[str], None]

    def train(self, model: Path, plan: Plan) -> Trained:
        """A fresh run. Raises InvalidRequest, BudgetSpent, AuditUnavailable, and OSError."""
        require(not self.out.exists() or not any(self.out.iterdir()), "out", "This folder is not empty; go on with --resume.")
        self._check()
        plan = completed(plan, len(self.data.units))
        base = load_base(model)
        adapted = with_adapter(base, plan)
        asked = self._asked(base, plan)
        reserved = self.ledger.reserve_training(self.budget, asked, plan.epsilon, plan.delta, self.by)
        self._note(reserved)
        return self._run(base, adapted, Checkpoint(asked=asked, release=reserved.release, plan=plan.to_dict()))

    def resume(self, model: Path, plan: Plan) -> Trained:
        """The run that left its checkpoint in `out`, with its own reservation, where it is the one that `plan` asks for. What a
        checkpoint says counts only as far as the ledger knows it. Raises as `train` does.
        """
        self._check()
        left = read_checkpoint(self.out / CHECKPOINT)
        self.ledger.taken_up(self.budget, left.release, left.asked)
        known, begun = orjson.loads(left.asked), Plan.from_dict(left.plan)
        require(begun == Plan.from_dict(known["plan"]), "out", "The checkpoint is not of the run that was paid for.")
        other = begun.differs(completed(plan, len(self.data.units)))
        require(other is None, "resume", f"The run was begun with {other}: give the options that it was begun with.")
        base = load_base(model)
        same = (known["data_set_sha256"], known["base_sha256"]) == (self.data.card.sha256, base.digest)
        require(same, "dataset", "The run was begun on another data set, or another model.")
        self._note(Reserved(left.release))  # an older version may have begun it
        return self._run(base, with_adapter(base, Plan.from_dict(left.plan)), left)

    def _run(self, base: Base, adapted: Any, begun: Checkpoint) -> Trained:
        plan, reserved = Plan.from_dict(begun.plan), Reserved(begun.release)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        units = encode_units(base.tokenizer, self.data.units, plan.max_tokens)
        padding = int(base.tokenizer.pad_token_id or 0)
        trainer = Trainer(adapted, plan, units, padding, device, self.out / CHECKPOINT)
        try:
            trained = self._told(base, plan, begun.release, trainer.run(begun, self.show))
        except BrokeOff as broke:
            self._broke(self._told(base, plan, begun.release, broke.steps), reserved)
        self._write(base, adapted, trained)
        self._settle(reserved, trained)
        (self.out / CHECKPOINT).unlink(missing_ok=True)
        return trained

    def _settle(self, reserved: Reserved, trained: Trained) -> None:
        answer = json.dumps(trained.statement())
        self._note(reserved, state=SETTLED, answer=answer, epsilon=trained.epsilon)
        self.ledger.settle_training(reserved, answer, trained.epsilon)

    def _note(self, reserved: Reserved, **ended: str | float) -> None:
        told = self.ledger.told(self.budget, reserved.release, **ended)
        if told is not None:
            self.note(told)

    def _broke(self, trained: Trained, reserved: Reserved) -> None:
        """What the steps before cost is spent; where there were none, nothing is. Raises InvalidRequest."""
        (self.out / CHECKPOINT).unlink(missing_ok=True)
        if trained.steps == 0:
            self._note(reserved, state=RELEASED)
            self.ledger.release(reserved)
            raise InvalidRequest("The first step came to no number: nothing was learned or spent.", param="dataset")
        self._settle(reserved, trained)
        raise InvalidRequest(
            f"After {trained.steps} steps one came to no number, and the run is over; epsilon {trained.epsilon:.4g} is spent. "
            "A lower learning rate may help.",
            param="learning_rate",
        )

    def _told(self, base: Base, plan: Plan, release: str, steps: int) -> Trained:
        units = len(self.data.units)
        epsilon = epsilon_after(steps, plan.noise, plan.sample_rate(units), plan.delta, error_of(plan))
        return Trained(
            base=base.name,
            base_sha256=base.digest,
            card=self.data.card,
            units=units,
            plan=plan,
            steps=steps,
            epsilon=min(epsilon, plan.epsilon),
            release=release,
        )

    def _write(self, base: Base, adapted: Any, trained: Trained) -> None:
        adapted.save_pretrained(self.out)
        if can_be_written(base.model.config):
            from safetensors.numpy import load_file

            alpha = 2.0 * trained.plan.rank
            write_adapter(self.out / _GGUF, base.model.config, load_file(self.out / _SAFETENSORS), alpha)
        write_private(self.out / "README.md", model_card(trained).encode(), replace=True)
        write_private(self.out / "privacy.json", orjson.dumps(trained.statement(), option=orjson.OPT_INDENT_2), replace=True)

    def _check(self) -> None:
        card, budget = self.data.card, self.budget
        same = (card.tenant, card.data_set, card.unit) == (budget.tenant, budget.data_set, budget.unit)
        require(same, "dataset", "The data set and the budget are not of the same tenant, name and unit.")
        bounded = card.per_unit <= budget.contributions
        require(bounded, "dataset", "A unit has more examples in this data set than its budget allows.")

    def _asked(self, base: Base, plan: Plan) -> str:
        """The run, unlike any other."""
        about = {"tenant": self.budget.tenant, "data_set": self.budget.data_set, "run": secrets.token_hex(8)}
        of = {"data_set_sha256": self.data.card.sha256, "base_sha256": base.digest, "plan": plan.to_dict()}
        return orjson.dumps({**about, **of}, option=orjson.OPT_SORT_KEYS).decode()
