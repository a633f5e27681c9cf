"""Reads the exchanges of a data set out of the record, one at a time, in little memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson
from sqlalchemy import Select, column, func, select, table

from gateway.dp.budget import Budget
from gateway.dp.contributions import Fact
from gateway.store.database import Database
from gateway.store.tables.ledger import ENTRIES

_PAGE = 500
_EXCHANGES = table("exchanges", *map(column, ("seq", "opened_at", "tenant", "body")))


def has_record(database: Database, budget: Budget) -> bool:
    """Whether there is any entry of this time, acts included, and of whichever tenant: whether a gateway ran, which says
    nothing of anybody. Raises AuditUnavailable.
    """
    query = select(ENTRIES.c.seq).where(ENTRIES.c.at >= budget.since, ENTRIES.c.at < budget.until).limit(1)
    with database.reading() as connection:
        return connection.execute(query).first() is not None


def facts(database: Database, budget: Budget) -> Iterator[Fact]:
    """Raises AuditUnavailable."""
    for said in exchanges(database, budget):
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            yield _told(said)


def exchanges(database: Database, budget: Budget) -> Iterator[Mapping[str, Any]]:
    """Records as JSON objects. Shadow copies are nobody's exchanges; what was erased or cannot be read counts as not there.

    Raises AuditUnavailable.
    """
    with database.reading() as connection:
        first = connection.execute(select(func.min(ENTRIES.c.seq)).where(ENTRIES.c.at >= budget.since)).scalar_one()
        after = -1 if first is None else int(first) - 1
        while page := connection.execute(_page(budget, after)).all():
            yield from filter(None, (_said(body) for _, body in page))
            after = page[-1][0]


def _page(budget: Budget, after: int) -> Select[Any]:
    """An entry is written at or after the opening of its exchange, so what was written before is older."""
    of = _EXCHANGES.c
    within = (of.opened_at >= budget.since, of.opened_at < budget.until)
    query = select(of.seq, of.body).where(of.tenant == budget.tenant, *within, of.seq > after)
    return query.order_by(of.seq).limit(_PAGE)


def _said(body: str) -> Mapping[str, Any] | None:
    try:
        said = orjson.loads(body)
    except ValueError:
        return None
    return said if isinstance(said, dict) and not said.get("shadow") else None


def _told(said: Mapping[str, Any]) -> Fact:
    asked, usage, timings = (said.get(name) or {} for name in ("asked", "usage", "timings_ms"))
    found: dict[str, int] = {}
    for one in said["findings"]:
        found[one["entity"]] = found.get(one["entity"], 0) + int(one["count"])
    duration = timings.get("total")
    return Fact(
        call_id=said["call_id"],
        subject=said["principal"],
        conversation=said.get("conversation"),
        model=said.get("model"),
        purpose=asked.get("purpose"),
        tokens=_sum(usage.get("input_tokens"), usage.get("output_tokens")),
        duration_ms=None if duration is None else int(duration),
        found=found,
        passages=_passages(said.get("grounding")),
    )


def _passages(hits: Sequence[Mapping[str, Any]] | None) -> Mapping[str, int] | None:
    """By collection; an older gateway noted none, and those count under no name."""
    return None if hits is None else Counter(hit.get("collection") or "" for hit in hits)


def _sum(asked: int | None, answered: int | None) -> int | None:
    return None if asked is None and answered is None else (asked or 0) + (answered or 0)
