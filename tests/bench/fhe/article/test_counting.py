"""Bits that tables read, and differences."""

from __future__ import annotations

import numpy as np
import pytest

from bench.fhe.article.counting import away, width_of, widths_read
from bench.fhe.article.head import Floats, calibrated


@pytest.mark.parametrize(
    ("numbers", "bits"), [([0], 0), ([1], 1), ([7, 0], 3), ([8], 4), ([-1, 0], 2), ([-7, 7], 4), ([7, -1], 4)]
)
def test_a_sign_takes_a_bit(numbers: list[int], bits: int) -> None:
    assert width_of(np.array(numbers)) == bits


def test_every_table_is_counted_once_and_for_its_widest_text(windows: Floats, weights: Floats) -> None:
    head = calibrated(4, windows, weights)
    both = widths_read(head, windows[:2])
    assert both == [max(each) for each in zip(*(widths_read(head, windows[n : n + 1]) for n in (0, 1)), strict=True)]
    projections, comparisons, others = 3, sum(range(6)), 4
    assert len(both) == projections + comparisons + others


def test_what_a_table_reads_fits_into_its_bits(windows: Floats, weights: Floats) -> None:
    head = calibrated(4, windows, weights)
    sums = np.stack([[states[n] @ head.weights[n] for n in range(6)] for states in head.integers(windows)])
    widths = widths_read(head, windows)
    for part in range(3):
        read = sums[..., part * head.size : (part + 1) * head.size]
        assert 2 ** (widths[part] - 2) <= np.abs(read).max() < 2 ** (widths[part] - 1)


def test_differences_are_told_in_sizes_of_what_should_be() -> None:
    wanted = np.array([[2, -2], [4, -4]])
    assert away(wanted, wanted) == 0.0
    assert away(wanted + 3, wanted) == 1.0
