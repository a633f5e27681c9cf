"""What promises nothing cannot be declared, nor asked."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf, nan
from typing import Any

import pytest

from gateway.dp.budget import Unit, unit_named
from gateway.dp.question import By, Figure, Measure, digest
from gateway.errors import InvalidRequest
from tests.dp.records import a_budget, a_question


@pytest.mark.parametrize(
    ("field", "value"),
    [("epsilon", value) for value in (0.0, -1.0, nan, inf, 1e9)]
    + [("delta", value) for value in (0.0, -1e-6, nan, inf, 1.0, 0.5)]
    + [("contributions", value) for value in (0, -1, 10**9)]
    + [("data_set", value) for value in ("", "A", "../x", "a" * 65, "a b", "a\n")],
)
def test_absurd_budgets_are_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        a_budget(**{field: value})
    assert refused.value.param == field


def test_a_data_set_without_time_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="empty"):
        a_budget(until=a_budget().since)


@pytest.mark.parametrize(
    ("field", "changes"),
    [("epsilon", {"epsilon": value}) for value in (0.0, -1.0, nan, inf, 1e9)]
    + [
        ("groups", {"groups": ()}),
        ("groups", {"groups": ("a", "a")}),
        ("groups", {"groups": tuple(map(str, range(501)))}),
        ("measure", {"figure": Figure.SUM}),
        ("measure", {"measure": Measure.TOKENS}),
        ("most", {"most": 0}),
        ("most", {"most": 10**10}),
        ("quantile", {"quantile": 0.0}),
        ("quantile", {"quantile": nan}),
    ],
)
def test_absurd_questions_are_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        a_question(**changes)
    assert refused.value.param == field


def test_units_have_names() -> None:
    assert [unit_named(unit) for unit in Unit] == list(Unit)
    with pytest.raises(InvalidRequest, match="subject, conversation, example"):
        unit_named("household")


def test_its_salt_does_not_show() -> None:
    assert "ssss" not in repr(a_budget())


def test_its_time_ends_before_the_last_moment() -> None:
    assert not a_budget().over(datetime(2026, 1, 31, 23, 59, 59, 999_000, tzinfo=UTC))
    assert a_budget().over(datetime(2026, 2, 1, tzinfo=UTC))


def test_equal_questions_about_one_data_set_are_equal_and_others_are_not() -> None:
    asked = digest(a_question().asked(a_budget()))
    assert digest(a_question().asked(a_budget(epsilon=1.0))) == asked
    others = [
        a_question().asked(a_budget(tenant="bank")),
        a_question().asked(a_budget(data_set="february")),
        a_question(by=By.MODEL, groups=("small",)).asked(a_budget()),
        a_question(epsilon=0.6).asked(a_budget()),
    ]
    assert len({asked, *map(digest, others)}) == 5
