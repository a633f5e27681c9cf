"""Marks stand where their values say, inside of the picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.explorer.dashboards.charts import HEIGHT, WIDTH, compact, durations, nice_top, stacked

VALUES = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)


@given(first=VALUES, data=st.data())
def test_bars_lie_on_each_other_and_are_as_high_as_their_values(first: list[int], data: st.DataObject) -> None:
    second = data.draw(st.lists(st.integers(0, 10**9), min_size=len(first), max_size=len(first)))
    chart = stacked({"a": first, "b": second}, [f"2026-01-{1 + place:02}" for place in range(len(first))])
    top = nice_top(max(a + b for a, b in zip(first, second, strict=True)))
    room = chart.bottom - 8
    for mark in chart.marks:
        assert mark.value > 0
        assert abs(mark.height - room * mark.value / top) <= 0.11
        assert chart.left <= mark.x <= mark.x + mark.width <= chart.right + 0.2
        assert 0 <= mark.y <= mark.y + mark.height <= chart.bottom + 0.2
    assert len(chart.marks) == sum(value > 0 for value in first + second)
    on_top = [mark for mark in chart.marks if mark.kind == "b"]
    below = {mark.period: mark.y for mark in chart.marks if mark.kind == "a"}
    assert all(abs(mark.y + mark.height - below.get(mark.period, chart.bottom)) <= 0.2 for mark in on_top)


def test_a_line_breaks_where_there_is_no_value() -> None:
    chart = durations({"p50": [1.0, 2.0, None, 4.0, None, 5.0, 5.0]}, [f"2026-01-0{day}" for day in range(1, 8)])
    (line,) = chart.lines
    assert [piece.count(",") for piece in line.pieces] == [2, 2]
    assert len(line.dots) == 1


def test_an_empty_chart_has_axes() -> None:
    for chart in (stacked({}, ["2026-01-01"]), durations({"p50": [None]}, ["2026-01-01T05"])):
        assert (chart.marks, len(chart.rows)) == ((), 5)
        assert all(0 <= row.at <= HEIGHT for row in chart.rows)
    assert chart.columns[0].label == "05:00"
    assert chart.columns[0].at < WIDTH


def test_the_newest_period_has_a_label_and_there_is_room_between_labels() -> None:
    chart = stacked({"a": [1] * 90}, [f"2026-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(90)])
    assert len(chart.columns) <= 8
    assert chart.columns[-1].label == "04-06"


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (0.3, 1), (1, 1), (3, 5), (10, 10), (11, 20), (24, 25), (26, 50), (999, 1_000), (1_001, 2_000)]
)
def test_an_axis_ends_with_a_round_number(value: float, top: float) -> None:
    assert nice_top(value) == top


@pytest.mark.parametrize(("value", "label"), [(0, "0"), (7.5, "7.5"), (1_500, "1.5k"), (2e6, "2M"), (3.25e9, "3.25G")])
def test_labels_are_short(value: float, label: str) -> None:
    assert compact(value) == label
