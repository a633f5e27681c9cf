"""What the tables of a head read, and how far a result is from another. Needs NumPy alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bench.fhe.article.head import Floats, Function, Head, Integers


def widths_read(head: Head, windows: Floats) -> list[int]:
    """Bits of what each table reads, in the order in which the head asks for tables, for texts (texts, positions, inputs)."""
    widest: dict[int, int] = {}
    for window in windows:
        calls = iter(range(sys.maxsize))

        def tabulate(function: Function, calls: Iterator[int] = calls) -> Callable[[Any], Any]:
            number = next(calls)

            def seen(numbers: Any) -> Any:
                widest[number] = max(widest.get(number, 1), width_of(np.asarray(numbers)))
                return function(numbers)

            return seen

        head.attended(head.integers(window), tabulate)
    return [widest[number] for number in sorted(widest)]


def width_of(numbers: Integers) -> int:
    """Bits of the largest, and one for the sign where there are negative ones."""
    return int(np.abs(numbers).max()).bit_length() + int(numbers.min() < 0)


def away(found: Integers, wanted: Integers) -> float:
    """The average difference, in average sizes of what it should be."""
    return float(np.abs(found - wanted).mean() / np.abs(wanted).mean())
