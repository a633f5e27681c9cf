from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.explorer.costs.figures import Hosted, Used, Verdict

HOUR_MS = 3_600_000
USED = Used(requests=10, input_tokens=800_000, output_tokens=200_000, busy_ms=40 * HOUR_MS, spend=7)


def hosted(**facts: Any) -> Hosted:
    """10 hours at 2 an hour, four calls at once of 16, a million tokens that cost 5 elsewhere."""
    usual = {"deployment": "gpu", "used": USED, "hours": 10.0, "price_per_hour": 2.0, "concurrent": 16, "public": 5.0}
    return Hosted(**{**usual, **facts})


def test_what_a_token_costs_depends_on_how_full_the_house_was() -> None:
    one = hosted()
    assert (one.cost, one.open_calls, one.utilisation) == (20.0, 4.0, 0.25)
    assert (one.per_million, one.per_million_full, one.public_per_million) == (20.0, 5.0, 5.0)
    assert (one.load_to_break_even, one.break_even, one.verdict) == (4.0, 1.0, Verdict.DEARER)


def test_it_is_cheaper_above_the_utilisation_at_which_both_cost_the_same() -> None:
    one = hosted(public=80.0)
    assert (one.break_even, one.utilisation, one.verdict) == (0.0625, 0.25, Verdict.CHEAPER)


@pytest.mark.parametrize(
    ("facts", "absent"),
    [
        ({"concurrent": None}, {"utilisation", "per_million_full", "break_even"}),
        (
            {"hours": None},
            {"cost", "open_calls", "utilisation", "per_million", "per_million_full", "load_to_break_even", "break_even"},
        ),
        ({"price_per_hour": None}, {"cost", "per_million", "per_million_full", "load_to_break_even", "break_even"}),
        ({"public": None}, {"public_per_million", "load_to_break_even", "break_even"}),
        ({"used": Used()}, {"per_million", "per_million_full", "public_per_million"}),
    ],
)
def test_a_figure_that_needs_what_is_missing_is_missing(facts: dict[str, Any], absent: set[str]) -> None:
    one = hosted(**facts)
    names = (
        *("cost", "open_calls", "utilisation", "per_million", "per_million_full"),
        *("public_per_million", "load_to_break_even", "break_even"),
    )
    assert {name for name in names if getattr(one, name) is None} == absent
    assert (one.verdict is Verdict.UNKNOWN) is (facts != {"concurrent": None})


def test_what_stands_elsewhere_costs_by_the_token() -> None:
    one = hosted(external=True, price_per_hour=None, used=Used(input_tokens=1_000_000, spend=3_000_000))
    assert (one.cost, one.per_million, one.per_million_full, one.break_even) == (3.0, 3.0, None, None)
    assert one.verdict is Verdict.CHEAPER


def test_more_calls_than_there_can_be_are_a_full_house() -> None:
    assert hosted(concurrent=2).utilisation == 1.0


@given(st.floats(0.01, 1e4), st.floats(0.01, 1e3), st.integers(1, 64), st.integers(1, 10**9), st.floats(0.01, 1e6))
def test_the_break_even_says_the_same_as_the_verdict(
    hours: float, price: float, concurrent: int, busy_ms: int, public: float
) -> None:
    used = Used(input_tokens=1_000, busy_ms=busy_ms)
    one = hosted(used=used, hours=hours, price_per_hour=price, concurrent=concurrent, public=public)
    assert one.break_even is not None
    assert one.utilisation is not None
    assert (one.verdict is Verdict.CHEAPER) is (one.cost is not None and one.cost < public)
    if abs(one.break_even - one.utilisation) > 1e-9 * one.break_even:
        assert (one.break_even < one.utilisation) is (one.verdict is Verdict.CHEAPER)
