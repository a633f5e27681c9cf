"""`gateway dp report`: statistics that stay within a budget."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.common.actor import actor
from gateway.cli.common.policy import DEFAULT_POLICY, AsJson, PolicyFile
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, existing, settings_of
from gateway.cli.dp.session import DataSet, Tenant, policy_opened, require_tenant, told
from gateway.cli.dp.text import Told, report_json, report_text
from gateway.dp.groups import named_groups
from gateway.dp.ledger import Ledger
from gateway.dp.question import By, Figure, Measure, Question
from gateway.dp.report import report as reported
from gateway.policy.reading.load import LoadedPolicy


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
    with told(), existing(settings_of(state_dir, database)) as store:
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
        with entered(store, act) as came:
            found = reported(store, budget, question, actor(), datetime.now(UTC))
            came.result = ledger.told(budget, found.release)
        answer = Told(budget, question, found, ledger.spent(budget), fewest)
    typer.echo((report_json if as_json else report_text)(answer))


def _groups(loaded: LoadedPolicy, tenant: str, by: By) -> tuple[str, ...]:
    own = loaded.own_entities.get(tenant, frozenset())
    return named_groups(loaded.policy, loaded.entities | own, tenant, by)
