"""Goes through the log in windows, each as large as the last one showed to be affordable. Pure.

A page is looked for nearest first. Where what is looked for is rare, windows grow; when time is up, the walk ends, and says how
far it came. So a page takes about as long as its budget at most, whatever is asked for and however the database plans it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.explorer.index.row import Row

_FIRST = 4_096
_GROWTH = 4

Fetch = Callable[[int, int, int], Sequence[Row]]
"""Rows with `seq` between the first two (both included), in the direction of the walk, at most as many as the third says."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the log, both ends included; empty where the first lies behind the last."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Step:
    """Rows, in the direction of the walk, and the `seq` up to which everything has been seen."""

    rows: Sequence[Row]
    seen: int


def walk(span: Span, fetch: Fetch, take: int, *, newer: bool, seconds: float, monotonic: Callable[[], float]) -> Iterator[Step]:
    """Steps through the span, from its end towards older ones or from its beginning towards newer ones.

    Takes one step at least. Ends with the span, or when time is up.
    """
    deadline, size = monotonic() + seconds, _FIRST
    while span.first <= span.last:
        began = monotonic()
        window = _window(span, size, newer=newer)
        rows = fetch(window.first, window.last, take)
        cut = len(rows) >= take
        seen = rows[-1].seq if cut else (window.last if newer else window.first)
        yield Step(rows, seen)
        span = Span(seen + 1, span.last) if newer else Span(span.first, seen - 1)
        now = monotonic()
        if now >= deadline:
            return
        size = size if cut else _grown(size, now - began, deadline - now)


def _window(span: Span, size: int, *, newer: bool) -> Span:
    if newer:
        return Span(span.first, min(span.last, span.first + size - 1))
    return Span(max(span.first, span.last - size + 1), span.last)


def _grown(size: int, took: float, left: float) -> int:
    """Larger, but by what the last one took not longer than half of the time that is left."""
    affordable = int(size * left / (2 * max(took, 1e-4)))
    return max(_FIRST, min(size * _GROWTH, affordable))
