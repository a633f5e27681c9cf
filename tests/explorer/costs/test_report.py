from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.explorer.costs.cells import Cell, first_calls, read_cells
from gateway.explorer.costs.figures import Used
from gateway.explorer.costs.prices import comparison
from gateway.explorer.costs.report import By, Fleet, Report, Window, report_of
from gateway.explorer.index.index import Index
from gateway.explorer.prices.price_list import PriceList, PublicPrice
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.reading.load import load_policy
from gateway.store import Database
from tests.explorer.index.conftest import database, database_url, postgres
from tests.explorer.index.logs import ended, follow_all, write

__all__ = ["database", "database_url", "postgres"]

POLICY = """\
version: 1
deployments:
  one: {base_url: "http://one/v1", price_per_hour: 2, concurrent: 4}
  two: {base_url: "http://two/v1", price_per_hour: 1}
  away: {base_url: "http://away/v1", external: true}
models:
  small: {deployments: [one, two], compares_to: tiny}
  large: {deployments: [two, away]}
tenants: {acme: {models: [small], principals: {app: {}}}}
"""
PRICES = PriceList(
    as_of="2026-03-01",
    currency="USD",
    prices=(PublicPrice(vendor="V", model="Tiny", input=1.0, output=2.0, as_of="2026-03-01", source="https://v.example"),),
)
MARCH = Window(since=datetime(2026, 3, 1, tzinfo=UTC), until=datetime(2026, 3, 3, tzinfo=UTC))
TOKENS = Used(requests=1, input_tokens=600_000, output_tokens=400_000, busy_ms=3_600_000)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> CompiledPolicy:
    path = tmp_path_factory.mktemp("policy") / "p.yaml"
    path.write_text(POLICY)
    return compile_policy(load_policy(path, known_entities=frozenset(), surrogate_entities=frozenset()), {})


def cell(deployment: str, month: str = "2026-03", used: Used = TOKENS, tenant: str = "acme", model: str = "small") -> Cell:
    return Cell(month=month, model=model, deployment=deployment, tenant=tenant, used=used)


def report(policy: CompiledPolicy, cells: list[Cell], by: By = By.TENANT, window: Window = MARCH, rate: float = 1.0) -> Report:
    first = {"one": "2026-02-01T00:00:00.000Z", "two": "2026-03-02T12:00:00.000Z", "away": "2026-03-01T00:00:00.000Z"}
    fleet = Fleet(deployments=policy.deployments, first_calls=first)
    return report_of(cells, window, fleet, comparison(policy.written, PRICES, rate), by)


def test_hours_are_those_since_the_first_call(policy: CompiledPolicy) -> None:
    found = {one.deployment: one for one in report(policy, [cell("one"), cell("two")]).hosted}
    assert (found["one"].hours, found["two"].hours) == (48.0, 12.0)
    assert (found["one"].cost, found["two"].cost, found["away"].cost) == (96.0, 12.0, 0.0)
    assert found["one"].public == pytest.approx(1.4)
    assert found["one"].utilisation == pytest.approx(1 / 48 / 4)
    assert found["two"].utilisation is None


def test_a_deployments_cost_is_shared_by_tokens_and_nothing_is_lost(policy: CompiledPolicy) -> None:
    third = Used(requests=1, input_tokens=500_000)
    cells = [cell("one"), cell("one", used=third, tenant="bank"), cell("two", tenant="bank")]
    for by in By:
        rows = report(policy, cells, by).rows
        assert sum(row.own or 0 for row in rows) == pytest.approx(96 + 12)
    own = {row.word: row.own for row in report(policy, cells).rows}
    assert own["acme"] == pytest.approx(64)
    assert own["bank"] == pytest.approx(32 + 12)


def test_a_month_pays_for_its_own_hours(policy: CompiledPolicy) -> None:
    both = Window(since=datetime(2026, 2, 27, tzinfo=UTC), until=MARCH.until)
    rows = report(policy, [cell("one", "2026-02"), cell("one")], By.MONTH, both).rows
    assert [(row.word, row.own) for row in rows] == [("2026-02", 96.0), ("2026-03", 96.0)]


def test_what_cannot_be_known_is_not_given(policy: CompiledPolicy) -> None:
    rows = report(policy, [cell("gone"), cell("one", model="large"), cell("", used=Used(requests=3))], By.DEPLOYMENT).rows
    assert [(row.word, row.own, row.public) for row in rows] == [("", 0.0, 0.0), ("gone", None, 1.4), ("one", 96.0, None)]


def test_the_list_may_be_in_another_currency(policy: CompiledPolicy) -> None:
    (row,) = report(policy, [cell("one")], rate=7.0).rows
    assert row.public == pytest.approx(9.8)
    assert comparison(policy.written, PriceList(as_of="2026-03-01", currency="USD", prices=())).unlisted == {"tiny"}


def test_cells_are_what_the_index_holds(database: Database) -> None:
    took: dict[str, Any] = {"timings_ms": {"committed": 100.0, "total": 1_100.0}, "deployment": "one", "model": "small"}
    tokens = {"input_tokens": 100, "output_tokens": 20}
    write(
        database,
        [
            ended(0, usage=tokens, cost=700, team="desk", **took),
            ended(1, usage=tokens | {"source": "estimated"}, cost=300, team="desk", **took),
            ended(2, usage=tokens, cache="hit", cost=0, team="desk", **took),
            ended(3, usage=tokens, tenant="globex", **took),
            ended(4, "denied", tenant="globex"),
            ended(5, usage=tokens, **took),
        ],
    )
    follow_all(Index(database))
    with database.reading() as connection:
        first, *_, last = found = read_cells(connection, "2026-03-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z")
        assert read_cells(connection, "2026-04-01T00:00:00.000Z", "2026-05-01T00:00:00.000Z") == ()
        assert first_calls(connection, ["one", "none"]) == {"one": "2026-03-01T00:00:00.000Z"}
    assert {(one.month, one.model) for one in found} == {("2026-03", "small")}
    desk = next(one.used for one in found if one.team == "desk")
    assert desk == Used(requests=3, input_tokens=200, output_tokens=40, estimated=120, busy_ms=2_000, spend=1_000)
    assert {first.tenant, last.tenant} == {"acme", "globex"}


def test_windows_end_with_their_months() -> None:
    year = Window(since=datetime(2025, 12, 15, tzinfo=UTC), until=datetime(2026, 1, 10, tzinfo=UTC))
    assert [year.within(month).hours(year.since) for month in ("2025-12", "2026-01", "2026-02")] == [17 * 24, 9 * 24, 0.0]
