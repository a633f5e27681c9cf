"""What was used, as the index holds it: one row for each month, tenant, team, model and deployment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, func, literal_column, select

from gateway.explorer.costs.figures import Used
from gateway.explorer.index.terms import term_of
from gateway.store.tables.index import INDEX_EXCHANGES, INDEX_TERMS

_ROWS = INDEX_EXCHANGES.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`month` is 2026-11. `deployment` is empty where none was called: the cache answered, or it came to nothing before."""

    month: str
    model: str
    deployment: str
    tenant: str = ""
    team: str = ""
    used: Used


def read_cells(connection: Connection, since: str, until: str) -> tuple[Cell, ...]:
    """Of exchanges that opened from `since` and before `until` (ISO 8601, UTC). What the cache answered took no tokens."""
    # Literal numbers: Postgres takes two parameters for two expressions, which it will not group by.
    month = func.substr(_ROWS.opened_at, literal_column("1"), literal_column("7"))
    keys = (month, _ROWS.model, _ROWS.deployment, _ROWS.tenant, _ROWS.team)
    query = (
        select(*keys, func.count(), *map(_sum, _amounts()))
        .where(_ROWS.opened_at >= since, _ROWS.opened_at < until, _ROWS.model.is_not(None))
        .group_by(*keys)
        .order_by(*keys)
    )
    return tuple(_cell(found) for found in connection.execute(query))


def first_calls(connection: Connection, deployments: Iterable[str]) -> Mapping[str, str]:
    """When each deployment's first exchange on the record opened; without those that have none."""
    terms = INDEX_TERMS.c
    found: dict[str, str] = {}
    for name in deployments:
        first = select(func.min(terms.seq)).where(terms.term == term_of("deployment", name)).scalar_subquery()
        opened = connection.execute(select(_ROWS.opened_at).where(_ROWS.seq == first)).scalar()
        if opened is not None:
            found[name] = str(opened)
    return found


def _amounts() -> tuple[ColumnElement[int], ...]:
    fresh = func.coalesce(_ROWS.cache, "") != "hit"
    tokens = func.coalesce(_ROWS.input_tokens, 0) + func.coalesce(_ROWS.output_tokens, 0)
    return (
        case((fresh, func.coalesce(_ROWS.input_tokens, 0)), else_=0),
        case((fresh, func.coalesce(_ROWS.output_tokens, 0)), else_=0),
        case((fresh & (_ROWS.tokens_from == "estimated"), tokens), else_=0),
        func.coalesce(_ROWS.busy_ms, 0.0),
        func.coalesce(_ROWS.cost, 0),
    )


def _sum(amount: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(amount), 0)


def _cell(found: Iterable[object]) -> Cell:
    month, model, deployment, tenant, team, *amounts = found
    requests, read, written, estimated, busy, spend = (round(float(str(amount))) for amount in amounts)
    used = Used(requests=requests, input_tokens=read, output_tokens=written, estimated=estimated, busy_ms=busy, spend=spend)
    names = (str(name or "") for name in (month, model, deployment, tenant, team))
    return Cell(**dict(zip(("month", "model", "deployment", "tenant", "team"), names, strict=True)), used=used)
