"""Deployments side by side, out of their records."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.audit.event import ExchangeRecord, Outcome, Timings
from gateway.exchange import Attempt, CacheState, Likeness, Shadowed
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface
from gateway.routing.comparison import Side, compared, percentile


def record(call_id: str, deployment: str = "gpu", **facts: Any) -> ExchangeRecord:
    said: dict[str, Any] = {
        "outcome": Outcome.COMPLETED,
        "model": "m",
        "usage": Usage(output_tokens=10, finish_reasons=("stop",)),
        "timings_ms": Timings(committed=2.0, first_event=12.0, total=102.0),
    }
    return ExchangeRecord(
        call_id=call_id, surface=Surface.CHAT, opened_at="2026-11-22T10:00:00.000Z", deployment=deployment, **(said | facts)
    )


def copy(of: str, likeness: Likeness | None = None, **facts: Any) -> ExchangeRecord:
    attempt = Attempt(deployment="new", result="answered", started_ms=2.0, ended_ms=52.0)
    return record(f"{of}.shadow", "new", shadow=Shadowed(of=of, likeness=likeness), attempts=(attempt,), **facts)


def test_a_shadow_stands_beside_the_calls_that_it_copied() -> None:
    records = [
        copy("b", Likeness(length=0.5, equal=False, overlap=0.4)),
        record("b"),
        copy("a", Likeness(length=1.0, equal=True, overlap=1.0)),
        record("a"),
        record("other"),
    ]
    sides = compared(records, "m")
    assert list(sides) == [Side("gpu"), Side("new", "originals"), Side("new", "shadow")]
    assert [column.calls for column in sides.values()] == [3, 2, 2]
    figures = sides[Side("new", "shadow")].figures
    assert (figures["same_length"], figures["equal"], figures["overlap"]) == (0.75, 0.5, 0.7)
    assert (figures["whole_ms_p50"], figures["first_event_ms_p50"]) == (50.0, 10.0)
    assert sides[Side("gpu")].figures["whole_ms_p50"] == 100.0
    assert sides[Side("gpu")].figures["equal"] is None


def test_a_failure_counts_and_has_no_times() -> None:
    (column,) = compared([record("a", outcome=Outcome.FAILED), record("b", outcome=Outcome.TRUNCATED)], "m").values()
    assert (column.calls, column.failed, column.figures["whole_ms_p95"]) == (2, 2, None)


@pytest.mark.parametrize(
    "facts",
    [
        {"model": "n"},
        {"deployment": None},
        {"outcome": Outcome.DENIED},
        {"outcome": Outcome.INCOMPLETE},
        {"outcome": Outcome.ABORTED},
        {"cache": CacheState.HIT},
    ],
)
def test_what_says_nothing_of_a_deployment_is_left_out(facts: dict[str, Any]) -> None:
    given = {"deployment": "gpu"} | facts
    assert compared([record("a", **given)], "m") == {}


def test_percentiles_are_numbers_that_were_measured() -> None:
    assert [percentile([5.0, 1.0, 3.0, 2.0, 4.0], percent) for percent in (50, 95, 100)] == [3.0, 5.0, 5.0]
    assert percentile([], 50) is None
