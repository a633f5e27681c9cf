from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.event import StageTime, Timings
from gateway.explorer.show.waterfall import STREAMING, WIDTH, waterfall


def test_a_stage_works_before_and_after_the_one_inside_it() -> None:
    stages = (StageTime("route", 20, 80), StageTime("redact", 10, 90), StageTime("authenticate", 0, 100))
    found = waterfall(Timings(decided=5, first_event=80, total=100, stages=stages))
    assert found is not None
    assert [(line.stage, line.own_ms) for line in found.lines] == [("authenticate", 20), ("redact", 20), ("route", 60)]
    assert [(bar.x, bar.width) for bar in found.lines[1].own] == [(100, 100), (800, 100)]
    assert [(mark.name, mark.x) for mark in found.marks] == [("decided", 50), ("first_event", 800)]


def test_of_a_stream_the_bars_end_with_its_last_event() -> None:
    timings = Timings(first_event=300, total=5_000, stages=(StageTime("route", 0, 250),))
    found = waterfall(timings, stream=True)
    assert found is not None
    last = found.lines[-1]
    assert (last.stage, last.start_ms, last.end_ms, last.own_ms) == (STREAMING, 250, 5_000, 4_700)
    assert (last.whole.x, last.whole.width) == (50, 950)
    assert [(bar.x, bar.width) for bar in last.own] == [(60, 940)]
    assert last.own[-1].x + last.own[-1].width == WIDTH


def test_of_a_stream_that_sent_nothing_all_is_waiting_and_else_there_is_no_such_bar() -> None:
    timings = Timings(total=500, stages=(StageTime("route", 0, 250),))
    found = waterfall(timings, stream=True)
    assert found is not None
    assert (found.lines[-1].stage, found.lines[-1].own_ms, found.lines[-1].own) == (STREAMING, 0, ())
    for other in (waterfall(timings), waterfall(Timings(total=250, stages=timings.stages), stream=True)):
        assert other is not None
        assert [line.stage for line in other.lines] == ["route"]


def test_where_nothing_was_timed_there_is_nothing_to_draw() -> None:
    assert waterfall(Timings()) is None


times = st.floats(min_value=0, max_value=1e6, allow_nan=False)


@given(
    st.lists(st.builds(StageTime, st.sampled_from(["a", "b"]), times, times)),
    st.none() | times,
    st.none() | times,
    st.none() | times,
)
def test_no_bar_lies_outside_whatever_a_record_says(
    stages: list[StageTime], decided: float | None, first: float | None, total: float | None
) -> None:
    found = waterfall(Timings(decided=decided, first_event=first, total=total, stages=tuple(stages)), stream=True)
    if found is not None:
        bars = [bar for line in found.lines for bar in (line.whole, *line.own)]
        assert all(bar.x >= -0.01 and bar.width > 0 and bar.x + bar.width <= WIDTH + 0.02 for bar in bars)
        assert all(0 <= mark.x <= WIDTH for mark in found.marks)
