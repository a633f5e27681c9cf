"""The panel that asks whether hosting models oneself is cheaper: the figures of `gateway cost report`, out of the index's sums.

What a deployment cost is shared by everybody who used it, so its figures tell of all tenants together. They are shown to those
who see all tenants, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from gateway.explorer.costs.cells import Cell, first_calls
from gateway.explorer.costs.figures import Hosted, Used
from gateway.explorer.costs.prices import Comparison, comparison
from gateway.explorer.costs.report import Fleet, Window, hosted
from gateway.explorer.dashboards.board import Sum
from gateway.explorer.dashboards.times import Times
from gateway.explorer.index.sums import Grain, Measure
from gateway.explorer.prices.price_list import PriceList
from gateway.policy.compile import CompiledPolicy


@dataclass(frozen=True, slots=True)
class Hosting:
    """`deployments` are those of the policy in force, and those that were used beside them."""

    deployments: tuple[Hosted, ...]
    comparison: Comparison


def read_hosting(
    connection: Connection, sums: Iterable[Sum], times: Times, policy: CompiledPolicy, prices: PriceList, now: datetime
) -> Hosting:
    cells, compared = cells_of(sums), comparison(policy.written, prices)
    names = sorted({*policy.deployments, *(cell.deployment for cell in cells if cell.deployment)})
    fleet = Fleet(deployments=policy.deployments, first_calls=first_calls(connection, names))
    return Hosting(hosted(cells, names, window_of(times, now), fleet, compared), compared)


def cells_of(sums: Iterable[Sum]) -> tuple[Cell, ...]:
    """By model and deployment."""
    found: dict[tuple[str, str], Used] = {}
    for one in sums:
        if one.measure in (Measure.MODEL, Measure.BUSY):
            key = (one.word, one.detail)
            found[key] = found.get(key, Used()) + _used(one)
    return tuple(Cell(month="", model=model, deployment=place, used=used) for (model, place), used in found.items())


def window_of(times: Times, now: datetime) -> Window:
    """From the beginning of the first period to the end of the last one, or until now."""
    first, last = (datetime.fromisoformat(f"{one}:00" if "T" in one else one) for one in (times.periods[0], times.periods[-1]))
    length = timedelta(hours=1) if times.grain is Grain.HOUR else timedelta(days=1)
    return Window(since=first.replace(tzinfo=UTC), until=min(last.replace(tzinfo=UTC) + length, now))


def _used(one: Sum) -> Used:
    if one.measure == Measure.BUSY:
        return Used(busy_ms=one.number)
    return Used(requests=one.number, input_tokens=one.input_tokens, output_tokens=one.output_tokens, spend=one.cost)
