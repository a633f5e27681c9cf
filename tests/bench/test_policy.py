from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bench.policy.__main__ import GROWING, SHAPES
from bench.policy.cost import Cost, Loaded, Met, decisions, least, load, meet
from bench.policy.policies import MEMBERS, Shape, callers, policy, requests
from bench.policy.report import growth_table, rules_table
from gateway.policy.language.condition import sought_in

SMALL = Shape(name="small", organisation=40, tenant=2, team=3, principal=1, on_findings=50)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(SMALL, 3)


def test_every_caller_faces_the_rules_that_a_shape_says() -> None:
    data = yaml.safe_load(policy(SMALL, 2))
    tenant = data["tenants"]["t1"]
    team = tenant["teams"]["desk"]
    levels = [data["organisation"], tenant, team, team["principals"]["p0"]]
    assert [len(level["rules"]) for level in levels] == [40, 2, 3, 1]
    assert SMALL.facing == 46
    assert len(team["principals"]) == MEMBERS
    counting = [bool(sought_in(rule["when"])) for rule in data["organisation"]["rules"].values()]
    assert sum(counting) == 20


def test_what_is_measured_has_two_hundred_rules() -> None:
    assert {shape.facing for shape in (*SHAPES, GROWING)} == {0, 110, 200}


def test_callers_and_requests_are_the_same_every_time_and_no_two_alike() -> None:
    assert callers(5, 12) == callers(5, 12)
    assert len(set(callers(5, 12))) == 12
    assert len(callers(2, 100)) == 2 * MEMBERS
    assert requests(9) == requests(9)


def test_decisions_are_timed_with_their_review(loaded: Loaded) -> None:
    met = meet(loaded, 6)
    cost = decisions(loaded, met.callers, 12)
    assert len(met.callers) == 6
    assert cost.review_us is not None
    assert cost.both_us == cost.decide_us + cost.review_us
    assert 0 < cost.quick_us <= cost.decide_us
    assert loaded.tenants == 3


def test_no_review_where_no_rule_counts_findings(tmp_path: Path) -> None:
    one = load(Shape(name="requests", tenant=3), 1)
    cost = decisions(one, meet(one, 2).callers, 4)
    assert cost.review_us is None
    assert cost.both_us == cost.decide_us


def test_the_least_of_all_rounds_and_who_begins_rotates() -> None:
    order = list[str]()
    costs = {"a": iter([3.0, 1.0, 2.0]), "b": iter([5.0, 6.0, 4.0])}

    def job(name: str) -> Callable[[], Cost]:
        def measured() -> Cost:
            order.append(name)
            return Cost(quick_us=0.5, decide_us=next(costs[name]), review_us=None)

        return measured

    assert [cost.decide_us for cost in least([job("a"), job("b")], 3)] == [1.0, 4.0]
    assert "".join(order) == "abbaab"


def test_tables(loaded: Loaded) -> None:
    few = (
        loaded,
        Met(callers=callers(3, 2), first_ms=0.5, standing_kb=12.0),
        Cost(quick_us=16.0, decide_us=20.0, review_us=10.0),
    )
    large = Loaded(policy=loaded.policy, megabytes=loaded.megabytes * 10, load_s=loaded.load_s * 20, load_kb=9.0, tenants=30)
    many = (large, few[1], Cost(quick_us=24.0, decide_us=25.0, review_us=10.0))
    lines = growth_table([few, many]).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert lines[-1].startswith("| 30 : 3 |  | 1.25 x | 1.50 x | 1.00 x | 1.17 x |")
    assert lines[-1].endswith("| 10.0 x | 20.0 x | 2.00 x | 2.00 x |  |")
    assert "| small | 46 | 20.0 | 16.0 | 10.0 | 30.0 | 0.50 | 12.0 |" in rules_table([(SMALL, few[1], few[2])])
