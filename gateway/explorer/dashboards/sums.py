"""Reads the index's sums for a dashboard: one statement, whose rows grow with days and words and not with exchanges."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from gateway.explorer.dashboards.board import Sum
from gateway.explorer.dashboards.times import Times
from gateway.explorer.index.sums import ALL, Measure, scope_of
from gateway.store.tables.index import INDEX_SUMS


def read_sums(connection: Connection, times: Times, tenants: frozenset[str] | None) -> Sequence[Sum]:
    """Of these tenants; None: of all, and of exchanges in none."""
    columns = INDEX_SUMS.c
    scopes = [ALL] if tenants is None else [scope_of(tenant) for tenant in sorted(tenants)]
    keys = (columns.measure, columns.period, columns.word, columns.detail)
    amounts = (columns.number, columns.input_tokens, columns.output_tokens, columns.cost)
    query = (
        select(*keys, *(func.sum(amount) for amount in amounts))
        .where(columns.measure.in_([measure.value for measure in Measure]), columns.grain == times.grain.value)
        .where(columns.scope.in_(scopes), columns.period.between(times.periods[0], times.periods[-1]))
        .group_by(*keys)
    )
    return [Sum(*found[:4], *map(int, found[4:])) for found in connection.execute(query)]
