"""Figures are only as good as the arithmetic behind them."""

from __future__ import annotations

import pytest

from bench.table import Measurement, markdown, percentile, rows


def measurement(
    system: str, at: int, *, cpu_ms: float | None = None, p50_ms: float | None = 1.0, failed: int = 0
) -> Measurement:
    return Measurement(
        round=at,
        question=("English 200", 1),
        system=system,
        requests=10,
        failed=failed,
        cpu_ms=cpu_ms,
        p50_ms=p50_ms,
        p99_ms=p50_ms,
        ttft_ms=None,
        per_s=100.0,
    )


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, None),
        ([7.0], 99, 7.0),
        ([4.0, 1.0, 3.0, 2.0], 50, 2.0),
        ([float(n) for n in range(1, 101)], 99, 99.0),
        ([float(n) for n in range(1, 51)], 99, 50.0),
        ([1.0, 2.0], 0, 1.0),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(values: list[float], percent: float, expected: float | None) -> None:
    assert percentile(values, percent) == expected


def test_a_row_holds_medians_over_the_rounds() -> None:
    found = [measurement("gateway", at, cpu_ms=cpu, failed=at) for at, cpu in enumerate((9.0, 1.0, 2.0))]
    (row,) = rows(found, direct="direct", reference="gateway")
    assert (row.cpu_ms, row.failed) == (2.0, 3)


def test_comparisons_are_made_within_a_round() -> None:
    """A round on a slow machine is slow for both: the median of differences is not the difference of medians."""
    found = [
        *(measurement("direct", at, p50_ms=p50) for at, p50 in enumerate((1.0, 10.0, 2.0))),
        *(measurement("off", at, cpu_ms=cpu, p50_ms=p50) for at, (cpu, p50) in enumerate([(1, 2), (10, 13), (2, 7)])),
        *(measurement("on", at, cpu_ms=cpu, p50_ms=p50) for at, (cpu, p50) in enumerate([(3, 5), (20, 30), (8, 9)])),
    ]
    direct, off, on = rows(found, direct="direct", reference="off")
    assert (direct.cpu_ms, direct.cpu_ratio, direct.added_ms) == (None, None, 0.0)
    assert (off.cpu_ratio, off.added_ms) == (1.0, 3.0)
    assert (on.cpu_ratio, on.added_ms) == (3.0, 7.0)


def test_a_system_that_answered_nothing_has_no_times_but_its_failures() -> None:
    found = [measurement("direct", 0), measurement("peer", 0, p50_ms=None, failed=10)]
    _, peer = rows(found, direct="direct", reference="gateway")
    assert (peer.p50_ms, peer.added_ms, peer.cpu_ratio, peer.failed) == (None, None, None, 10)


def test_the_table_is_markdown_with_columns_of_one_width() -> None:
    found = [measurement("direct", 0, p50_ms=0.456), measurement("gateway", 0, cpu_ms=1234.5, p50_ms=45.678)]
    lines = markdown(rows(found, direct="direct", reference="gateway")).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert [cell.strip() for cell in lines[3].split("|")[1:6]] == ["English 200", "1", "gateway", "1,234", "1.00"]
    assert [cell.strip() for cell in lines[3].split("|")[6:9]] == ["45.7", "45.7", "45.2"]
    assert [cell.strip() for cell in lines[2].split("|")[4:7]] == ["", "", "0.46"]
