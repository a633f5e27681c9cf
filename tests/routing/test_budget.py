from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.budget import RetryBudget, RetryBudgets, full_jitter_s


def test_where_nothing_helps_a_fifth_of_the_traffic_is_left() -> None:
    budget, spent = RetryBudget(reserve=10), 0
    for _ in range(1_000):
        budget.earn()
        if budget.left:
            budget.spend()
            spent += 1
    assert 200 <= spent <= 211


def test_a_tenant_whose_requests_nobody_can_answer_takes_nothing_from_another() -> None:
    budgets = RetryBudgets()
    while budgets.of("acme").left:
        budgets.of("acme").spend()
    assert budgets.of("bank").left


@given(st.integers(0, 100), st.floats(0, 1))
def test_the_pause_lies_between_nothing_and_the_longest(again: int, draw: float) -> None:
    assert 0 <= full_jitter_s(again, draw) <= 2
    assert full_jitter_s(again, 0) == 0
