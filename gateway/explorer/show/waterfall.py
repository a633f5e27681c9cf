"""Where the time of an exchange went, as bars. Stages lie inside each other: each does something on the way in, waits for the
next one, and does something on the way back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.audit.event import StageTime, Timings

WIDTH = 1_000
"""The bars' own units: the whole exchange is so wide."""
_LEAST = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """`x` and `width` in units of WIDTH."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """One stage, from when to when it was at work or waited (`whole`), and what of it was its own work (`own`)."""

    stage: str
    start_ms: float
    end_ms: float
    own_ms: float
    whole: Bar
    own: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of the exchange: decided, committed, first_event."""

    name: str
    at_ms: float
    x: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    total_ms: float
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()


STREAMING = "streaming"
"""After the stages: what is left of a stream goes out. It waits for the first event, and is at work until the last."""


def waterfall(timings: Timings, *, stream: bool = False) -> Waterfall | None:
    """None where nothing was timed. Stages of a `stream` are done when the answer begins."""
    stages = sorted(timings.stages, key=lambda stage: (stage.start, -stage.end))
    total = max([timings.total or 0.0, *(stage.end for stage in stages)])
    if total <= 0:
        return None
    lines = [*_lines(stages, total), *(_streaming(timings, stages, total) if stream else ())]
    return Waterfall(total, tuple(lines), tuple(_marks(timings, total)))


def _lines(stages: Sequence[StageTime], total: float) -> Iterator[Line]:
    for stage, inner in pairwise([*stages, None]):
        if stage is None:
            continue
        spans = [(stage.start, stage.end)]
        if inner is not None and inner.end <= stage.end:
            spans = [(stage.start, inner.start), (inner.end, stage.end)]
        own = tuple(_bar(start, end, total) for start, end in spans if end > start)
        worked = sum(max(0.0, end - start) for start, end in spans)
        yield Line(stage.stage, stage.start, stage.end, worked, _bar(stage.start, stage.end, total), own)


def _streaming(timings: Timings, stages: Sequence[StageTime], total: float) -> Iterator[Line]:
    begun = max((stage.end for stage in stages), default=0.0)
    if timings.total is None or begun >= total:
        return
    first = total if timings.first_event is None else min(max(timings.first_event, begun), total)
    own = (_bar(first, total, total),) if first < total else ()
    yield Line(STREAMING, begun, total, total - first, _bar(begun, total, total), own)


def _marks(timings: Timings, total: float) -> Iterator[Mark]:
    for name in ("decided", "committed", "first_event"):
        at = getattr(timings, name)
        if at is not None:
            yield Mark(name, at, round(min(at / total, 1) * WIDTH, 2))


def _bar(start: float, end: float, total: float) -> Bar:
    """Never too thin to be seen, and never outside."""
    width = min(max((end - start) / total * WIDTH, _LEAST), WIDTH)
    return Bar(round(min(start / total * WIDTH, WIDTH - width), 2), round(width, 2))
