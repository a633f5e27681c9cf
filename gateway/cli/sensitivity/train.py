"""`gateway sensitivity train`: a classifier that learns from labelled examples."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.common.actor import actor
from gateway.cli.common.policy import DEFAULT_POLICY, PolicyFile
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of, writable
from gateway.cli.detect.session import workbench
from gateway.cli.sensitivity.examples import Lesson, Line, bounded, read_lines, redacted
from gateway.cli.sensitivity.private import Learnt, learnt_privately, privacy_of
from gateway.cli.sensitivity.session import told, weights_in
from gateway.dp.agreement import require_unchanged
from gateway.dp.budget import Unit
from gateway.dp.ledger import Ledger
from gateway.errors import InvalidRequest
from gateway.moments import written
from gateway.sensitivity.calibration import fitted_and_calibrated
from gateway.sensitivity.weights import STARTER, Weights, digest_of

_CALIBRATED = (
    "among examples like these, and labelled as often, for labels that enough of them have: "
    "rules that ask for a score may now mean another one"
)


def train(
    examples: Annotated[Path, typer.Argument(metavar="LABELLED.jsonl", help="Labelled examples, one JSON object a line.")],
    tenant: Annotated[str, typer.Option("--tenant", help="Whose examples: its recognizers redact them first.")],
    out: Annotated[Path, typer.Option("--out", help="The weights to write; a model card is written beside them.")],
    epsilon: Annotated[float | None, typer.Option("--epsilon", help="Learn with noise, for so much of the budget.")] = None,
    data_set: Annotated[str | None, typer.Option("--data-set", help="With --epsilon: whose budget pays.")] = None,
    start: Annotated[
        Path, typer.Option("--start", help="The weights to go on from. Default: those that are shipped.")
    ] = STARTER,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Learn from labelled examples. With --epsilon, differentially private and paid for out of the data set's budget."""
    if (epsilon is None) != (data_set is None):
        raise typer.BadParameter("--epsilon and --data-set go together: a budget pays for what is learnt")
    with told():
        _require_room(out)
        before, lines = weights_in(start), read_lines(examples)
        if epsilon is None or data_set is None:
            weights, privacy = _fitted(_redacted(lines, policy, tenant), before), None
        else:
            weights, privacy = _private(examples, lines, (tenant, data_set, epsilon), before, (policy, state_dir, database))
    raw = weights.to_bytes()
    out.write_bytes(raw)
    _write_card(out, tenant, digest_of(start.read_bytes()), digest_of(raw), privacy)
    typer.echo(f"weights: {out}\ndigest: {digest_of(raw)}")
    typer.echo(f"scores are chances {_CALIBRATED}; a trial beside those in force shows it: docs/rollout.md", err=True)


def _require_room(out: Path) -> None:
    """Before anything is paid for. Raises InvalidRequest."""
    if out.is_dir() or not os.access(out.parent, os.W_OK | os.X_OK):
        raise InvalidRequest(f"The weights cannot be written there: {out} is no file in a folder that is there.", param="out")


def _private(
    examples: Path, lines: list[Line], whose: tuple[str, str, float], before: Weights, where: tuple[Path, Path, str | None]
) -> tuple[Weights, dict[str, object]]:
    (tenant, data_set, epsilon), (policy, state_dir, database) = whose, where
    with writable(settings_of(state_dir, database)) as store:
        ledger = Ledger(store)
        budget = ledger.budget(tenant, data_set)
        if not budget.over(datetime.now(UTC)):
            raise InvalidRequest("The time of this data set is not over: its examples are not all there.", param="data_set")
        require_unchanged(store, budget)
        kept = bounded(lines, budget)
        note = f"classifier of sensitivity, epsilon {epsilon:g}"
        with entered(store, new_act(Action.DP_TRAIN, actor=actor(), tenant=tenant, target=data_set, note=note)) as came:
            found: Learnt = learnt_privately(
                ledger, budget, epsilon, examples, lambda: _redacted(kept, policy, tenant, budget.unit), before, actor()
            )
            came.result = ledger.told(budget, found.release)
    return found.weights, privacy_of(budget, found)


def _redacted(lines: list[Line], policy: Path, tenant: str, unit: Unit = Unit.EXAMPLE) -> list[Lesson]:
    return list(redacted(lines, workbench(policy, tenant), unit))


def _fitted(taught: list[Lesson], before: Weights) -> Weights:
    return fitted_and_calibrated([one.text for one in taught], [one.labels for one in taught], before)


def _write_card(out: Path, tenant: str, start: str, digest: str, privacy: dict[str, object] | None) -> None:
    """What whoever names the weights in a policy has to know. It tells nothing of any example, not even how many there were."""
    card: dict[str, Any] = {
        "kind": "classifier of sensitivity: health, legal, hr, trade_secret",
        "form": "linear, over hashed words and Chinese characters; it holds no text",
        "tenant": tenant,
        "trained_at": written(datetime.now(UTC)),
        "start": start,
        "digest": digest,
        "scores": f"chances {_CALIBRATED}",
        "privacy": privacy or "none: the weights may tell who has them that a certain word was in the examples",
    }
    out.with_suffix(".card.json").write_bytes(orjson.dumps(card, option=orjson.OPT_INDENT_2) + b"\n")
