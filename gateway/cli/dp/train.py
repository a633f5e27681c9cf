"""`gateway dp train`: fine-tuning under differential privacy, within the budget of the data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from gateway.audit.act import Action, ActOutcome, new_act
from gateway.audit.enter import enter_ended, entered
from gateway.cli.common.actor import actor
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, existing, fail, settings_of
from gateway.cli.dp.session import told
from gateway.dp.agreement import require_unchanged
from gateway.dp.budget import Budget, require, unit_named
from gateway.dp.dataset.files import read_data_set
from gateway.dp.ledger import Ledger
from gateway.dp.training.library import require_libraries
from gateway.dp.training.plan import Plan
from gateway.store.database import Database

if TYPE_CHECKING:
    from gateway.dp.training.run import Progress


def train(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET.jsonl", help="What `gateway dp dataset` wrote.")],
    model: Annotated[Path, typer.Option("--model", help="A Hugging Face folder, or a GGUF file, on this machine.")],
    out: Annotated[Path, typer.Option("--out", help="A folder for the adapter and its model card.")],
    epsilon: Annotated[float, typer.Option("--epsilon", help="What this run may cost.")],
    delta: Annotated[float, typer.Option("--delta", help="Well below one by the number of people.")] = 1e-6,
    unit: Annotated[str, typer.Option("--unit", help="What is protected: as in the data set.")] = "subject",
    steps: Annotated[int, typer.Option("--steps", help="How many; 0 with --noise: as many as epsilon allows.")] = 200,
    noise: Annotated[float, typer.Option("--noise", help="By its multiplier. Default: as much as epsilon needs.")] = 0.0,
    batch: Annotated[float, typer.Option("--batch", help="Units in a step, on average.")] = 16.0,
    clip: Annotated[float, typer.Option("--clip", help="The most that one unit adds to a step.")] = 1.0,
    learning_rate: Annotated[float, typer.Option("--learning-rate", help="Of Adam.")] = 1e-3,
    rank: Annotated[int, typer.Option("--rank", help="Of the adapter.")] = 8,
    max_tokens: Annotated[int, typer.Option("--max-tokens", help="Of an example; its beginning is cut.")] = 256,
    chunk: Annotated[int, typer.Option("--chunk", help="Examples that are computed at once.")] = 8,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a run in this folder stopped, with the options it was begun with.")
    ] = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Train an adapter within epsilon, at which it stops. What it costs is spent of the data set's budget."""
    with told(), existing(settings_of(state_dir, database)) as store:
        plan = Plan(
            epsilon=epsilon,
            delta=delta,
            steps=steps,
            noise=noise,
            batch=batch,
            clip=clip,
            learning_rate=learning_rate,
            rank=rank,
            max_tokens=max_tokens,
            chunk=chunk,
        )
        wanted, data, ledger = unit_named(unit), read_data_set(dataset), Ledger(store)
        require(wanted is data.card.unit, "unit", f"The data set protects a {data.card.unit}, and no other unit.")
        budget = ledger.budget(data.card.tenant, data.card.data_set)
        require_unchanged(store, budget)
        require_libraries()
        from gateway.dp.training.session import Session

        note = f"goes on: {resume}, epsilon {epsilon:g}, delta {delta:g}, data {data.card.sha256[:16]}"
        act = new_act(Action.DP_TRAIN, actor=actor(), tenant=budget.tenant, target=budget.data_set, note=note)
        with entered(store, act) as came, _watched() as show, _written():
            session = Session(ledger, budget, data, out, actor(), show, partial(_noted, store, budget))
            trained = session.resume(model, plan) if resume else session.train(model, plan)
            came.result = ledger.told(budget, trained.release)
        spent, _ = ledger.trained(budget)
    typer.echo(f"{out}: {trained.steps} steps, epsilon {trained.epsilon:.4g} at delta {trained.plan.delta:g} for each {unit}")
    typer.echo(f"budget: epsilon {spent:.4g} of {budget.training_epsilon:g} for training is spent")


def _noted(store: Database, budget: Budget, told: str) -> None:
    """On the record before it is so: a run that fails, or is killed, has spent it all the same. Raises AuditUnavailable."""
    act = new_act(Action.DP_SPEND, actor=actor(), tenant=budget.tenant, target=budget.data_set, result=told)
    enter_ended(store, act.ended(ActOutcome.DONE))


@contextmanager
def _watched() -> Iterator[Callable[[Progress], None]]:
    """Shows a bar on a terminal, and nothing elsewhere."""
    said = TextColumn("loss {task.fields[loss]}  epsilon {task.fields[epsilon]:.3f}")
    columns = (TextColumn("Training"), BarColumn(), MofNCompleteColumn(), said, TimeElapsedColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("", total=None, loss="-", epsilon=0.0)

        def show(at: Progress) -> None:
            loss = "-" if at.loss is None else f"{at.loss:.3f}"
            bars.update(task, completed=at.steps, total=at.of, loss=loss, epsilon=at.epsilon)

        yield show


@contextmanager
def _written() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fail(f"the run stopped, and goes on with --resume once there is room: {error.strerror}")
