"""How alike two answers are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.likeness import length_ratio, overlap


@pytest.mark.parametrize(
    ("one", "other", "ratio", "shared"),
    [
        ("", "", 1.0, 1.0),
        ("a b", "", 0.0, 0.0),
        ("the red fox", "the red fox", 1.0, 1.0),
        ("the red fox", "a blue hen.", 1.0, 0.0),
        ("the red fox", "fox red the", 1.0, 1.0),
        ("yes", "yes yes yes", 0.2727, 0.5),
        ("明天下雨", "明天晴", 0.75, 0.5714),
    ],
)
def test_figures(one: str, other: str, ratio: float, shared: float) -> None:
    assert (length_ratio(one, other), overlap(one, other)) == (ratio, shared)


@given(st.text(max_size=60), st.text(max_size=60))
def test_they_are_shares_and_do_not_depend_on_the_order(one: str, other: str) -> None:
    for measure in (length_ratio, overlap):
        assert 0 <= measure(one, other) == measure(other, one) <= 1
        assert measure(one, one) == 1
