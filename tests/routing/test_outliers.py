from __future__ import annotations

import pytest

from gateway.routing.outliers import is_outlier, may_eject
from gateway.routing.window import Sums


def sums(calls: int = 20, failures: int = 0, mean_s: float = 0.5) -> Sums:
    return Sums(calls, failures, calls, mean_s * calls)


@pytest.mark.parametrize(
    ("mine", "others", "is_one"),
    [
        (sums(mean_s=3), [sums(), sums()], True),
        (sums(mean_s=1.2), [sums(), sums()], False),
        (sums(mean_s=0.4), [sums(mean_s=0.05)], False),  # eight times as slow, and nobody would notice
        (sums(calls=4, mean_s=9), [sums()], False),
        (sums(mean_s=9), [sums(calls=4)], False),
        (sums(mean_s=9), [], False),
        (sums(failures=6), [sums(), sums(failures=1)], True),
        (sums(failures=6), [sums(failures=5)], False),
        (sums(failures=3), [sums()], False),
        (sums(mean_s=3), [sums(mean_s=9), sums(mean_s=0.2), sums(mean_s=0.3)], True),
    ],
)
def test_who_does_much_worse_than_the_others(mine: Sums, others: list[Sums], *, is_one: bool) -> None:
    assert is_outlier(mine, others) is is_one


@pytest.mark.parametrize(("ejected", "size", "may"), [(0, 1, False), (0, 2, True), (1, 2, False), (1, 4, True), (2, 5, False)])
def test_never_more_than_half_of_a_tier(ejected: int, size: int, *, may: bool) -> None:
    assert may_eject(ejected, size) is may
