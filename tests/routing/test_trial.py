"""Paired comparison of two models: expectations, refusals in two languages, exact tests."""

from __future__ import annotations

import pytest

from gateway.routing.trial import Answered, Case, difference, judged, sign_test

ASKED = ({"role": "user", "content": "q"},)


@pytest.mark.parametrize(
    ("case", "answer", "passed"),
    [
        (Case(id="a", messages=ASKED, contains=("Paris",)), Answered(text="It is PARIS."), True),
        (Case(id="a", messages=ASKED, contains=("Paris", "Seine")), Answered(text="It is Paris."), False),
        (Case(id="a", messages=ASKED, excludes=("Lyon",)), Answered(text="Lyon, I think"), False),
        (Case(id="a", messages=ASKED, refuse=True), Answered(text="I'm sorry, but I can't help with that."), True),
        (Case(id="a", messages=ASKED, refuse=True), Answered(text="抱歉，我无法提供"), True),
        (Case(id="a", messages=ASKED, refuse=True), Answered(denied=True), True),
        (Case(id="a", messages=ASKED, refuse=True), Answered(text="Sure! First,"), False),
        (Case(id="a", messages=ASKED, refuse=False), Answered(text="I cannot do this"), False),
        (Case(id="a", messages=ASKED, refuse=False), Answered(error="unreachable"), False),
    ],
)
def test_expectations(case: Case, answer: Answered, passed: bool) -> None:
    assert judged(case, answer).passed is passed


def test_overlap_with_a_reference() -> None:
    told = judged(Case(id="a", messages=ASKED, reference="the red house"), Answered(text="the red boat"))
    assert told.overlap == pytest.approx(2 / 3, abs=1e-4)


def test_the_sign_test_is_exact() -> None:
    """R: binom.test(1, 10)$p.value = 0.02148438, binom.test(2, 8)$p.value = 0.2890625."""
    assert sign_test(1, 9) == pytest.approx(0.02148438, abs=1e-8)
    assert sign_test(2, 6) == pytest.approx(0.2890625)
    assert (sign_test(0, 0), sign_test(3, 3)) == (1.0, 1.0)


def test_the_interval_of_the_median_is_that_of_order_statistics() -> None:
    """Of 10 pairs the 2nd and the 9th (97.9 %), of 20 the 6th and the 15th (95.9 %): Conover, table A3."""
    told = difference([0.0] * 10, [float(n) for n in range(1, 11)])
    assert told is not None
    assert (told.pairs, told.median, told.low, told.high) == (10, 5.5, 2.0, 9.0)
    twenty = difference([0.0] * 20, [float(n) for n in range(1, 21)])
    assert twenty is not None
    assert (twenty.low, twenty.high) == (6.0, 15.0)
    few = difference([1.0, None, 1.0], [2.0, 5.0, 0.0])
    assert few is not None
    assert (few.pairs, few.low, few.high, few.chance) == (2, -1.0, 1.0, 1.0)
    assert difference([None], [1.0]) is None
