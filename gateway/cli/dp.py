"""`gateway dp`: budgets of differential privacy, and statistics that stay within them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli import dp_dataset, dp_train
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, readable, settings_of, writable
from gateway.cli.dp_session import DataSet, Tenant, policy_opened, require_tenant, told
from gateway.cli.dp_text import Told, budgets_json, budgets_text, releases_json, releases_text, report_json, report_text
from gateway.cli.keys_acts import actor
from gateway.cli.policy_session import DEFAULT_POLICY, AsJson, PolicyFile
from gateway.dp.budget import Budget, unit_named
from gateway.dp.groups import named_groups
from gateway.dp.ledger import Ledger
from gateway.dp.question import By, Figure, Measure, Question
from gateway.dp.report import report as reported
from gateway.moments import written
from gateway.policy.reading.load import LoadedPolicy

app = typer.Typer(name="dp", help="Differential privacy: budgets, statistics, training.", no_args_is_help=True)
app.command(name="dataset")(dp_dataset.dataset)
app.command(name="train")(dp_train.train)


@app.callback()
def dp() -> None:
    """Differential privacy: budgets, statistics, training."""


@app.command()
def declare(
    tenant: Tenant,
    data_set: DataSet,
    since: Annotated[str, typer.Option("--since", help="From this day or moment on (UTC): 2026-11-01.")],
    until: Annotated[str, typer.Option("--until", help="Before this day or moment (UTC).")],
    epsilon: Annotated[float, typer.Option("--epsilon", help="What all releases together may cost.")],
    delta: Annotated[float, typer.Option("--delta", help="Well below one by the number of people.")] = 1e-6,
    unit: Annotated[str, typer.Option("--unit", help="What is protected: subject, conversation or example.")] = "subject",
    contributions: Annotated[int, typer.Option("--contributions", help="With how many rows a unit counts at most.")] = 20,
    training_epsilon: Annotated[float, typer.Option("--training-epsilon", help="The part of epsilon for training.")] = 0.0,
    training_delta: Annotated[float | None, typer.Option("--training-delta", help="And of delta. Default: half.")] = None,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Declare how much may be told about a data set, once and for all."""
    require_tenant(policy_opened(policy).loaded, tenant)
    with told():
        budget = Budget(
            tenant=tenant,
            data_set=data_set,
            since=_moment(since),
            until=_moment(until),
            unit=unit_named(unit),
            contributions=contributions,
            epsilon=epsilon,
            delta=delta,
            salt=secrets.token_bytes(32),
            training_epsilon=training_epsilon,
            training_delta=training_delta if training_delta is not None else delta / 2 if training_epsilon else 0.0,
        )
        note = f"epsilon {epsilon:g}, delta {delta:g}, a {budget.unit} counts with at most {contributions} rows"
        act = new_act(Action.DP_DECLARE, actor=actor(), tenant=tenant, target=data_set, note=note)
        with writable(settings_of(state_dir, database)) as store, entered(store, act):
            Ledger(store).declare(budget, actor())
    typer.echo(f"declared: {data_set} of {tenant}, {note}")


@app.command()
def budgets(
    tenant: Annotated[str | None, typer.Option("--tenant", help="Only of this tenant.")] = None,
    as_json: AsJson = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Every budget: what was declared, and what is spent of it."""
    with told(), readable(settings_of(state_dir, database)) as store:
        ledger = Ledger(store)
        found = [(budget, ledger.spent(budget)) for budget in ledger.budgets(tenant)]
    typer.echo((budgets_json if as_json else budgets_text)(found))


@app.command()
def releases(
    tenant: Tenant, data_set: DataSet, as_json: AsJson = False, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None
) -> None:
    """Every release of a data set: who asked what, what it cost, and how it ended."""
    with told(), readable(settings_of(state_dir, database)) as store:
        ledger = Ledger(store)
        found = ledger.releases(ledger.budget(tenant, data_set))
    typer.echo((releases_json if as_json else releases_text)(found))


@app.command()
def report(
    tenant: Tenant,
    data_set: DataSet,
    epsilon: Annotated[float, typer.Option("--epsilon", help="What this report may cost by itself.")],
    by: Annotated[By, typer.Option("--by", help="What groups are told apart by.")] = By.TENANT,
    figure: Annotated[Figure, typer.Option("--figure", help="What is told of each group.")] = Figure.COUNT,
    of: Annotated[Measure | None, typer.Option("--of", help="What a sum or a quantile is of.")] = None,
    most: Annotated[int, typer.Option("--most", help="The most that one exchange adds; larger values count as it.")] = 1,
    quantile: Annotated[float, typer.Option("--quantile", help="0.5 is the median.")] = 0.5,
    group: Annotated[list[str] | None, typer.Option("--group", help="Only these. Default: all that the policy names.")] = None,
    fewest: Annotated[int, typer.Option("--fewest", min=0, help="Groups of fewer exchanges are not shown.")] = 10,
    as_json: AsJson = False,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Counts, sums or quantiles over the record, with noise. It spends of the data set's budget; asked again, it is free."""
    loaded = policy_opened(policy).loaded
    require_tenant(loaded, tenant)
    with told(), writable(settings_of(state_dir, database)) as store:
        question = Question(
            by=by,
            figure=figure,
            groups=tuple(sorted(group)) if group else _groups(loaded, tenant, by),
            epsilon=epsilon,
            measure=of,
            most=most,
            quantile=quantile,
        )
        ledger = Ledger(store)
        budget = ledger.budget(tenant, data_set)
        act = new_act(Action.DP_REPORT, actor=actor(), tenant=tenant, target=data_set, note=question.noted(budget))
        with entered(store, act):
            found = reported(store, budget, question, actor(), datetime.now(UTC))
        answer = Told(budget, question, found, ledger.spent(budget), fewest)
    typer.echo((report_json if as_json else report_text)(answer))


def _groups(loaded: LoadedPolicy, tenant: str, by: By) -> tuple[str, ...]:
    own = loaded.own_entities.get(tenant, frozenset())
    return named_groups(loaded.policy, loaded.entities | own, tenant, by)


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a day as 2026-11-22, and a moment as 2026-11-22T14:00") from None
    return written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
