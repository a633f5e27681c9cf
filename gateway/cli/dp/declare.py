"""`gateway dp declare`: how much may be told about a data set."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.common.actor import actor
from gateway.cli.common.policy import DEFAULT_POLICY, PolicyFile
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of, writable
from gateway.cli.dp.session import DataSet, Tenant, policy_opened, require_tenant, told
from gateway.dp.budget import Budget, unit_named
from gateway.dp.fingerprint import of_budget
from gateway.dp.ledger import Ledger
from gateway.moments import written


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
        with writable(settings_of(state_dir, database)) as store, entered(store, act) as came:
            Ledger(store).declare(budget, actor())
            came.result = of_budget(budget)
    typer.echo(f"declared: {data_set} of {tenant}, {note}")


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a day as 2026-11-22, and a moment as 2026-11-22T14:00") from None
    return written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
