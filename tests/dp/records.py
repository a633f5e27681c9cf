"""Budgets over a month of made-up exchanges, in a real record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.event import Asked, ExchangeRecord, Outcome, Timings
from gateway.audit.log import Entry, Phase
from gateway.dp.budget import Budget, Unit
from gateway.dp.question import ALL, By, Figure, Question
from gateway.exchange import FindingCount
from gateway.obligations import OperatorKind
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface
from gateway.store import Database

LATER = datetime(2026, 3, 1, tzinfo=UTC)
_AT = "2026-01-10T12:00:00.000Z"
_BUDGET = Budget(
    tenant="acme",
    data_set="january",
    since="2026-01-01T00:00:00.000Z",
    until="2026-02-01T00:00:00.000Z",
    unit=Unit.SUBJECT,
    contributions=5,
    epsilon=2.0,
    delta=1e-6,
    salt=b"s" * 32,
)
_QUESTION = Question(by=By.TENANT, figure=Figure.COUNT, groups=(ALL,), epsilon=0.5)


def a_budget(**changes: Any) -> Budget:
    return replace(_BUDGET, **changes)


def a_question(**changes: Any) -> Question:
    return replace(_QUESTION, **changes)


def an_exchange(call_id: str, who: str = "ann", *, found: Mapping[str, int] | None = None, **changes: Any) -> ExchangeRecord:
    counts = (
        FindingCount(entity=entity, operator=OperatorKind.PLACEHOLDER, recognizer="names", count=count, max_score=0.9)
        for entity, count in (found or {}).items()
    )
    made = ExchangeRecord(
        call_id=call_id,
        surface=Surface.CHAT,
        opened_at=_AT,
        outcome=Outcome.COMPLETED,
        tenant="acme",
        principal=who,
        model="small",
        asked=Asked(purpose="support"),
        findings=tuple(counts),
        usage=Usage(input_tokens=100, output_tokens=20),
        timings_ms=Timings(total=250.0),
    )
    return replace(made, **changes)


def put(database: Database, records: Iterable[ExchangeRecord]) -> None:
    entries = [Entry(call_id=one.call_id, phase=Phase.COMPLETED, at=one.opened_at, body=one.to_json()) for one in records]
    with closing(EntryTable(database)) as table:
        assert set(table.write(entries)) == {Fate.DURABLE}
