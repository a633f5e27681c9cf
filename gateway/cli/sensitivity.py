"""`gateway sensitivity`: what a text is judged to be about and why, and classifiers that learn from labelled examples."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, fail, settings_of, writable
from gateway.cli.detect_session import workbench
from gateway.cli.keys_acts import actor
from gateway.cli.policy_session import DEFAULT_POLICY, AsJson, PolicyFile
from gateway.cli.policy_session import told as told_of_policy
from gateway.cli.sensitivity_examples import Lesson, Line, bounded, read_lines, redacted
from gateway.cli.sensitivity_private import Learnt, learnt_privately, privacy_of
from gateway.dp.budget import Unit
from gateway.dp.ledger import Ledger
from gateway.errors import GatewayError, InvalidRequest
from gateway.moments import written
from gateway.printable import printable
from gateway.sensitivity.calibration import fitted_and_calibrated
from gateway.sensitivity.verdict import Explanation, explained
from gateway.sensitivity.weights import STARTER, Weights, digest_of, read_weights

app = typer.Typer(name="sensitivity", help="Judge what texts are about, and teach it.", no_args_is_help=True)

_CALIBRATED = (
    "among examples like these, and labelled as often, for labels that enough of them have: "
    "rules that ask for a score may now mean another one"
)


@app.callback()
def sensitivity() -> None:
    """Judge what texts are about, and teach it."""


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="The text; - reads it from standard input.")],
    weights: Annotated[Path, typer.Option("--weights", help="Default: those that are shipped.")] = STARTER,
    as_json: AsJson = False,
) -> None:
    """Print the score of every label, and the words that made it."""
    with _told_of():
        found = explained(read_weights(weights), sys.stdin.read() if text == "-" else text)
    if as_json:
        typer.echo(orjson.dumps({one.label.value: _told(one) for one in found}).decode())
        return
    for one in found:
        words = ", ".join(f"{word.text} +{word.moved:.2f}" for word in one.words[:6])
        typer.echo(printable(f"{one.label:<13} {one.score:.2f}  {words}"))


@app.command()
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
    with _told_of():
        _require_room(out)
        before, lines = read_weights(start), read_lines(examples)
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
        raise InvalidRequest("The weights cannot be written there: name a file in a folder that is there.", param="out")


@contextmanager
def _told_of() -> Iterator[None]:
    """Ends the command with a sentence and status 1 where the block is refused."""
    with told_of_policy():
        try:
            yield
        except GatewayError as error:
            fail(error.message)


def _private(
    examples: Path, lines: list[Line], whose: tuple[str, str, float], before: Weights, where: tuple[Path, Path, str | None]
) -> tuple[Weights, dict[str, object]]:
    (tenant, data_set, epsilon), (policy, state_dir, database) = whose, where
    with writable(settings_of(state_dir, database)) as store:
        ledger = Ledger(store)
        budget = ledger.budget(tenant, data_set)
        if not budget.over(datetime.now(UTC)):
            raise InvalidRequest("The time of this data set is not over: its examples are not all there.", param="data_set")
        kept = bounded(lines, budget)
        note = f"classifier of sensitivity, epsilon {epsilon:g}"
        with entered(store, new_act(Action.DP_TRAIN, actor=actor(), tenant=tenant, target=data_set, note=note)):
            found: Learnt = learnt_privately(
                ledger, budget, epsilon, examples, lambda: _redacted(kept, policy, tenant, budget.unit), before, actor()
            )
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


def _told(one: Explanation) -> dict[str, Any]:
    return {"score": one.score, "words": {word.text: round(word.moved, 3) for word in one.words}}
