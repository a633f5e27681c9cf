"""A processor that serves all at once, beside what can be worked out by hand."""

from __future__ import annotations

import random

import pytest

from bench.processor_sharing import sojourns


def test_who_is_alone_takes_as_long_as_the_work() -> None:
    assert sojourns([0.0, 10.0, 20.0], 2.0) == pytest.approx([2.0, 2.0, 2.0])


def test_two_at_once_take_twice_as_long() -> None:
    assert sojourns([0.0, 0.0], 2.0) == pytest.approx([4.0, 4.0])


def test_who_comes_later_shares_what_is_left() -> None:
    """The first has 1 left at 1; both get a half until it leaves at 3; then the second has 1 left, alone, until 4."""
    assert sojourns([0.0, 1.0], 2.0) == pytest.approx([3.0, 3.0])


def test_at_half_of_what_it_can_do_it_is_there_twice_as_long_in_the_mean() -> None:
    """M/G/1 processor sharing: work / (1 - load) (Kleinrock 1967)."""
    drawn, at, arrivals = random.Random(3), 0.0, []
    for _ in range(100_000):
        at += drawn.expovariate(0.5)
        arrivals.append(at)
    taken = sojourns(arrivals, 1.0)
    assert len(taken) == len(arrivals)
    assert sum(taken) / len(taken) == pytest.approx(2.0, rel=0.05)
