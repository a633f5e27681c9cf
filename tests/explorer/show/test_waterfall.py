from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.event import StageTime, Timings
from gateway.explorer.show.waterfall import WIDTH, waterfall


def test_a_stage_works_before_and_after_the_one_inside_it() -> None:
    stages = (StageTime("route", 20, 80), StageTime("redact", 10, 90), StageTime("authenticate", 0, 100))
    found = waterfall(Timings(decided=5, first_event=80, total=100, stages=stages))
    assert found is not None
    assert [(line.stage, line.own_ms) for line in found.lines] == [("authenticate", 20), ("redact", 20), ("route", 60)]
    assert [(bar.x, bar.width) for bar in found.lines[1].own] == [(100, 100), (800, 100)]
    assert [(mark.name, mark.x) for mark in found.marks] == [("decided", 50), ("first_event", 800)]


def test_where_nothing_was_timed_there_is_nothing_to_draw() -> None:
    assert waterfall(Timings()) is None


times = st.floats(min_value=0, max_value=1e6, allow_nan=False)


@given(st.lists(st.builds(StageTime, st.sampled_from(["a", "b"]), times, times)), st.none() | times, st.none() | times)
def test_no_bar_lies_outside_whatever_a_record_says(
    stages: list[StageTime], decided: float | None, total: float | None
) -> None:
    found = waterfall(Timings(decided=decided, total=total, stages=tuple(stages)))
    if found is not None:
        bars = [bar for line in found.lines for bar in (line.whole, *line.own)]
        assert all(bar.x >= -0.01 and bar.width > 0 and bar.x + bar.width <= WIDTH + 0.02 for bar in bars)
        assert all(0 <= mark.x <= WIDTH for mark in found.marks)
