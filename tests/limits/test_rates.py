"""GCRA with settling and refunds against the plainest model there is: a bucket that leaks."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from throttled.asyncio.store import MemoryStore

from gateway.limits.keys import PlainKeys
from gateway.limits.rates import Rates
from gateway.obligations import Limit, LimitKind

LIMIT = Limit(scope="organisation", kind=LimitKind.TOKENS, amount=8, period_s=32)
SECONDS_EACH = 4

_Result = TypeVar("_Result")

TAKE = st.tuples(st.just("take"), st.integers(1, 8))
ADJUST = st.tuples(st.just("adjust"), st.integers(-12, 12))
WAIT = st.tuples(st.just("wait"), st.integers(0, 160))  # quarters of a second: floats add them exactly
READ = st.tuples(st.just("read"), st.just(0))


@dataclass
class Bucket:
    """Holds what was taken and has not leaked away yet, in seconds of leaking."""

    level: Fraction = Fraction(0)

    def wait(self, seconds: Fraction) -> None:
        self.level = max(Fraction(0), self.level - seconds)

    def take(self, cost: int) -> bool:
        fits = self.level + cost * SECONDS_EACH <= LIMIT.period_s
        if fits:
            self.level += cost * SECONDS_EACH
        return fits

    def adjust(self, by: int) -> None:
        self.level = max(Fraction(0), self.level + by * SECONDS_EACH)

    @property
    def remaining(self) -> int:
        return max(0, int((LIMIT.period_s - self.level) // SECONDS_EACH))


def done(work: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of a coroutine that never waits, which is what makes a step in memory atomic."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise AssertionError("a step in memory waited")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(TAKE, ADJUST, WAIT, READ), max_size=30), st.integers(1, 10**6))
def test_a_rate_is_a_leaking_bucket(steps: list[tuple[str, int]], start: int) -> None:
    now = float(start)
    bucket = Bucket()
    with patch("throttled.utils.now_mono_f", lambda: now):
        rates = Rates(MemoryStore(), PlainKeys())
        for step, size in steps:
            if step == "wait":
                now += size / 4
                bucket.wait(Fraction(size, 4))
            elif step == "take":
                taken = done(rates.take(LIMIT, size, 1))
                missing = bucket.level + size * SECONDS_EACH - LIMIT.period_s
                assert (taken.retry_s is None) == bucket.take(size)
                assert taken.retry_s in (None, missing)
            elif step == "adjust":
                done(rates.adjust(LIMIT, size, 1))
                bucket.adjust(size)
            standing = done(rates.standing(LIMIT))
            assert (standing.reset_s, standing.remaining) == (float(bucket.level), bucket.remaining)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 8), st.integers(0, 40)), max_size=30))
def test_over_time_no_more_passes_than_the_limit_says(exchanges: list[tuple[int, int, int]]) -> None:
    """Whatever is estimated, and however much of it is given back later."""
    now, used = 0.0, 0
    owed: list[int] = []
    with patch("throttled.utils.now_mono_f", lambda: 1_000.0 + now):
        rates = Rates(MemoryStore(), PlainKeys())
        for estimated, actual, wait in exchanges:
            if done(rates.take(LIMIT, estimated, 1)).retry_s is None:
                owed.append(min(actual, estimated) - estimated)
                used += min(actual, estimated)
            now += wait / 4
            if len(owed) > 2:  # a settlement comes later than the next requests
                done(rates.adjust(LIMIT, owed.pop(0), 1))
            assert used <= LIMIT.amount + now / SECONDS_EACH


def test_nobody_is_forgotten_before_a_quota_has_drained() -> None:
    now = 0.0
    with patch("throttled.utils.now_mono_f", lambda: 50.0 + now):
        rates = Rates(MemoryStore(), PlainKeys())
        done(rates.take(LIMIT, 8, 1))
        now = 31.75
        assert done(rates.standing(LIMIT)).remaining == 7
        now = 32.0
        assert done(rates.standing(LIMIT)).remaining == 8


def test_what_is_owed_counts_from_now_also_where_a_count_outlives_its_use() -> None:
    """The store keeps a count for whole seconds."""
    now = 100.0
    with patch("throttled.utils.now_mono_f", lambda: now):
        rates = Rates(MemoryStore(), PlainKeys())
        done(rates.take(LIMIT, 1, 1))
        now += 0.25
        done(rates.take(LIMIT, 1, 1))
        now += 7.875
        assert done(rates.adjust(LIMIT, 1, 1)).reset_s == SECONDS_EACH
