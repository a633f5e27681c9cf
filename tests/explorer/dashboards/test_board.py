"""What dashboards show is what the exchanges add up to, by hour and by day, for the tenants that somebody may see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.explorer.dashboards.board import Board, ModelUse, Sum, board_of
from gateway.explorer.dashboards.page import in_order
from gateway.explorer.dashboards.sums import read_sums
from gateway.explorer.dashboards.times import Times, times_of
from gateway.explorer.index.index import Index
from gateway.explorer.index.reading import LoggedEntry
from gateway.store import Database
from tests.explorer.index.conftest import database, database_url, postgres
from tests.explorer.index.logs import ended, follow_all, moment, opened, write

__all__ = ["database", "database_url", "postgres"]

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
DENIED = {"allow": False, "rule": "rules.no", "policy_version": "v1"}
PERSONS = [{"entity": "PERSON", "operator": "mask", "count": 2}, {"entity": "PERSON", "operator": "hash", "count": 1}]
USED: dict[str, Any] = {"usage": {"input_tokens": 100, "output_tokens": 20}, "cost": 700, "model": "small", "deployment": "one"}


def log() -> list[LoggedEntry]:
    day = 24 * 60
    return [
        ended(0, findings=PERSONS, cache="miss", **USED),
        ended(1, cache="hit", **USED | {"cost": 0}),
        ended(day, "denied", decision=DENIED, status=403, findings=[{"entity": "IBAN", "operator": "block", "count": 1}]),
        ended(day + 1, tenant="globex", timings_ms={"first_event": 500.0, "total": 9_000.0}, **USED),
        opened(day + 2),
        ended(day + 3, "denied", tenant=None, decision=None, status=401),
    ]


def board(database: Database, times: Times, tenants: frozenset[str] | None) -> Board:
    with database.reading() as connection:
        return board_of(read_sums(connection, times, tenants), times.periods)


@pytest.fixture
def filled(database: Database) -> Database:
    write(database, log())
    follow_all(Index(database))
    return database


def test_days_add_up(filled: Database) -> None:
    shown = board(filled, times_of({"range": "7d"}, NOW), None)
    assert shown.periods[-2:] == ("2026-03-01", "2026-03-02")
    assert {word: line[-2:] for word, line in shown.outcomes.items()} == {
        "completed": (2, 1),
        "denied": (0, 2),
        "incomplete": (0, 1),
    }
    assert (shown.requests, shown.denied, shown.cost) == (6, 2, 1_400)
    assert shown.tokens == (200, 40)
    assert [(one.word, one.number, one.parts) for one in shown.findings] == [
        ("PERSON", 3, (("mask", 2), ("hash", 1))),
        ("IBAN", 1, (("block", 1),)),
    ]
    assert [(one.word, one.number, one.share) for one in shown.denials] == [("rules.no", 1, 1.0)]
    assert shown.hit_rate == 0.5
    assert shown.models == (ModelUse("small", "one", 3, 200, 40, 1_400),)
    assert shown.p50[-3] is None
    assert all(562 < value <= 1_000 for value in (shown.p50[-2], shown.p95[-2]) if value is not None)
    assert shown.p95[-1] is not None
    assert 5_620 < shown.p95[-1] <= 10_000


def test_what_an_operator_blocked_is_among_the_denials(database: Database) -> None:
    secret, iban = ({"entity": entity, "operator": "block", "count": 2} for entity in ("SECRET", "IBAN_CODE"))
    blocked: dict[str, Any] = {"status": 403, "error_code": "entity_blocked"}
    write(
        database,
        [
            ended(0, "denied", findings=[secret, *PERSONS], **blocked),
            ended(1, "denied", findings=[secret], **blocked),
            ended(2, "denied", findings=[secret, iban], **blocked),
            ended(3, "denied", **blocked),
            ended(4, findings=[secret]),
            ended(5, "denied", decision=DENIED, findings=[secret], **blocked),
        ],
    )
    follow_all(Index(database))
    shown = board(database, times_of({"range": "7d"}, NOW), None)
    assert {one.word: one.number for one in shown.denials} == {
        "block SECRET": 2,
        "block IBAN_CODE SECRET": 1,
        "block": 1,
        "rules.no": 1,
    }


def test_hours_add_up(filled: Database) -> None:
    shown = board(filled, times_of({"range": "24h", "until": "2026-03-01"}, NOW), None)
    assert len(shown.periods) == 24
    assert shown.outcomes == {"completed": (2, *[0] * 23)}
    assert shown.first_p50[0] is not None


def test_a_viewer_sees_the_sums_of_his_tenants(filled: Database) -> None:
    week = times_of({"range": "7d"}, NOW)
    assert board(filled, week, frozenset({"globex"})).requests == 1
    assert board(filled, week, frozenset({"acme"})).requests == 4
    assert board(filled, week, frozenset({"acme", "globex"})).requests == 5
    nothing = board(filled, week, frozenset())
    assert (nothing.requests, nothing.findings, nothing.hit_rate) == (0, (), None)


def test_words_that_are_not_ours_come_last() -> None:
    shown = board_of([Sum("outcome", "p", word, "", 1, 0, 0, 0) for word in ("zz", "failed", "completed")], ("p",))
    assert list(in_order(shown)) == ["completed", "failed", "zz"]


def test_a_measure_or_a_period_that_nobody_asked_for_is_passed_over() -> None:
    shown = board_of([Sum("new", "p", "w", "", 1, 0, 0, 0), Sum("duration", "q", "3", "", 1, 0, 0, 0)], ("p",))
    assert (shown.requests, shown.p50) == (0, (None,))


@pytest.mark.parametrize(
    ("query", "name", "first", "last", "count"),
    [
        ({}, "7d", "2026-02-24", "2026-03-02", 7),
        ({"range": "24h"}, "24h", "2026-03-01T13", "2026-03-02T12", 24),
        ({"range": "90d"}, "90d", "2025-12-03", "2026-03-02", 90),
        ({"range": "7d", "until": "2026-01-31"}, "7d", "2026-01-25", "2026-01-31", 7),
        ({"range": "24h", "until": "2026-01-31"}, "24h", "2026-01-31T00", "2026-01-31T23", 24),
        ({"range": "x", "until": "0001-01-01"}, "7d", "2026-02-24", "2026-03-02", 7),
        ({"until": "yesterday"}, "7d", "2026-02-24", "2026-03-02", 7),
    ],
)
def test_the_address_says_the_time(query: dict[str, str], name: str, first: str, last: str, count: int) -> None:
    times = times_of(query, NOW)
    assert (times.range, times.periods[0], times.periods[-1], len(times.periods)) == (name, first, last, count)


def test_moments_of_the_log_fall_into_the_periods_of_the_address() -> None:
    assert times_of({"range": "24h"}, NOW).grain.period(moment(24 * 60)) == "2026-03-02T00"
