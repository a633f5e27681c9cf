"""`gateway cost report`: what was used, what it cost, and whether hosting models oneself is the cheaper way."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.common.policy import DEFAULT_POLICY, PolicyFile, opened
from gateway.cli.common.policy import told as told_of_policy
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, existing, settings_of, told
from gateway.cli.cost.text import csv_of, json_of, text_of
from gateway.explorer.costs.cells import first_calls, read_cells
from gateway.explorer.costs.prices import Comparison, comparison
from gateway.explorer.costs.report import By, Fleet, Report, Window, report_of
from gateway.explorer.index.index import Index
from gateway.explorer.prices.price_list import PriceListError, load_prices
from gateway.moments import written
from gateway.policy.compile import CompiledPolicy
from gateway.settings import Settings

_TURN_S = 0.05


def report(
    month: Annotated[str | None, typer.Option("--month", help="2026-11. Default: this month, until now.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="From this day on (UTC): 2026-11-01.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Before this day (UTC).")] = None,
    by: Annotated[By, typer.Option("--by", help="What rows are told apart by.")] = By.MODEL,
    rate: Annotated[
        float, typer.Option("--rate", min=0.0001, help="One unit of the price list in the policy's currency.")
    ] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The rows, as CSV.")] = False,
    price_list: Annotated[
        Path | None, typer.Option("--price-list", envvar="GATEWAY_PRICE_LIST", help="Public prices. Default: the list we ship.")
    ] = None,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Tokens, hours and cost out of the record, beside what public APIs would have charged for the same tokens."""
    if as_json and as_csv:
        raise typer.BadParameter("give --json or --csv")
    window = _window(month, since, until, datetime.now(UTC))
    with told_of_policy(2):
        compiled = opened(policy).compiled
    try:
        compared = comparison(compiled.written, load_prices(price_list), rate)
    except PriceListError as problem:
        raise typer.BadParameter(str(problem)) from None
    found = _report(settings_of(state_dir, database), _Asked(window, by, compiled, compared))
    show = json_of if as_json else csv_of if as_csv else text_of
    typer.echo(show(found, compared, by), nl=not as_csv)


@dataclass(frozen=True, slots=True)
class _Asked:
    window: Window
    by: By
    policy: CompiledPolicy
    compared: Comparison


def _report(settings: Settings, wanted: _Asked) -> Report:
    """Brings the index up to the end of the record first."""
    with told(), existing(settings) as record:
        _follow(Index(record))
        with record.reading() as connection:
            cells = read_cells(connection, written(wanted.window.since), written(wanted.window.until))
            names = {*wanted.policy.deployments, *(cell.deployment for cell in cells if cell.deployment)}
            fleet = Fleet(deployments=wanted.policy.deployments, first_calls=first_calls(connection, sorted(names)))
    return report_of(cells, wanted.window, fleet, wanted.compared, wanted.by)


def _follow(index: Index) -> None:
    while index.behind():
        if not index.follow():
            time.sleep(_TURN_S)  # a gateway that runs was faster


def _window(month: str | None, since: str | None, until: str | None, now: datetime) -> Window:
    """Raises BadParameter."""
    if month is not None and (since is not None or until is not None):
        raise typer.BadParameter("give --month, or --since and --until")
    try:
        start = _day(since) if since else _day(f"{month}-01") if month else _first_of_month(now)
        end = _day(until) if until else _next_month(start) if month else now
    except ValueError:
        raise typer.BadParameter("write a month as 2026-11, and a day as 2026-11-22") from None
    if not start < min(end, now):
        raise typer.BadParameter("this time is empty, or has not come yet")
    return Window(since=start, until=min(end, now))


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _first_of_month(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next_month(start: datetime) -> datetime:
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
