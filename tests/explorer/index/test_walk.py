"""Windows cover the log once, grow while nothing is found, and never let a page take much longer than it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from gateway.explorer.index.gather import gather
from gateway.explorer.index.row import Row
from gateway.explorer.index.windows import Span, walk


def row(seq: int) -> Row:
    return Row(seq=seq, call_id=f"c{seq}", opened_at="2026-01-01T00:00:00.000Z")


@dataclass
class Log:
    """Rows by number; looking at one number takes `cost` seconds of a clock of its own."""

    numbers: frozenset[int]
    cost: float = 0.0
    newer: bool = False
    now: float = 0.0
    looked: list[tuple[int, int]] = field(default_factory=list)

    def fetch(self, first: int, last: int, take: int) -> Sequence[Row]:
        self.looked.append((first, last))
        self.now += (last - first + 1) * self.cost
        found = sorted((number for number in self.numbers if first <= number <= last), reverse=not self.newer)
        return [row(number) for number in found[:take]]

    def clock(self) -> float:
        return self.now


@given(numbers=st.frozensets(st.integers(1, 60_000), max_size=60), limit=st.integers(1, 9), newer=st.booleans())
def test_page_after_page_everything_comes_once_and_in_order(numbers: frozenset[int], limit: int, newer: bool) -> None:
    log, span, found = Log(numbers, newer=newer), Span(1, 60_000), []
    while True:
        steps = walk(span, log.fetch, limit + 1, newer=newer, seconds=9.0, monotonic=log.clock)
        page = gather(steps, limit, lambda _: True)
        found += [one.seq for one in page.rows]
        if not page.more:
            break
        assert page.seen is not None
        span = Span(page.seen + 1, span.last) if newer else Span(span.first, page.seen - 1)
    assert found == sorted(numbers, reverse=not newer)


def test_windows_grow_where_nothing_is_found() -> None:
    log = Log(frozenset())
    list(walk(Span(1, 2_000_000), log.fetch, 10, newer=False, seconds=1.0, monotonic=log.clock))
    assert len(log.looked) < 8
    assert log.looked[0] == (2_000_000 - 4_096 + 1, 2_000_000)
    assert log.looked[-1][0] == 1


def test_a_page_ends_near_its_time_and_says_where() -> None:
    log = Log(frozenset(), cost=1e-6)
    steps = list(walk(Span(1, 10_000_000), log.fetch, 10, newer=False, seconds=0.1, monotonic=log.clock))
    assert 0.05 <= log.now <= 0.2
    assert steps[-1].seen == log.looked[-1][0] > 1


def test_however_slow_it_is_a_page_comes_forward() -> None:
    log = Log(frozenset({1}), cost=1.0)
    (step,) = walk(Span(1, 10_000), log.fetch, 10, newer=False, seconds=0.0, monotonic=log.clock)
    assert step.seen == 10_000 - 4_096 + 1
    assert list(walk(Span(5, 4), log.fetch, 10, newer=False, seconds=1.0, monotonic=log.clock)) == []
