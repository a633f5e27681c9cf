"""Where the marks of a chart stand: numbers for a template, which draws them as SVG and escapes every word. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10

from gateway.explorer.wording import milliseconds

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 8, 24
_LABELS = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle; `kind` is its CSS class and the word it stands for."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    period: str
    value: int


@dataclass(frozen=True, slots=True)
class Line:
    """A series, in pieces where periods have no value: `x,y x,y ...` of each. `dots` are periods that stand alone."""

    kind: str
    pieces: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across, or a place below, with its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    marks: tuple[Mark, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def left(self) -> int:
        return _LEFT

    @property
    def right(self) -> int:
        return WIDTH - _RIGHT

    @property
    def bottom(self) -> int:
        return HEIGHT - _BOTTOM


def stacked(series: Mapping[str, Sequence[int]], periods: Sequence[str]) -> Chart:
    """Bars, one on the other, in the order of the series."""
    top = nice_top(max((sum(column) for column in zip(*series.values(), strict=True)), default=0))
    step = _step(periods)
    marks: list[Mark] = []
    for place, period in enumerate(periods):
        floor_at = 0
        for kind, values in series.items():
            value = values[place]
            if value:
                x, upper, lower = _LEFT + (place + 0.12) * step, _y(floor_at + value, top), _y(floor_at, top)
                marks.append(Mark(_r(x), upper, _r(step * 0.76), _r(lower - upper), kind, period, value))
                floor_at += value
    return Chart(_rows(top, compact), _columns(periods), marks=tuple(marks))


def durations(series: Mapping[str, Sequence[float | None]], periods: Sequence[str]) -> Chart:
    top = nice_top(max((value for values in series.values() for value in values if value is not None), default=0))
    drawn = tuple(_line(kind, values, top, _step(periods)) for kind, values in series.items())
    return Chart(_rows(top, milliseconds), _columns(periods), lines=drawn)


def nice_top(value: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten, where the axis ends; at least 1."""
    if value <= 1:
        return 1
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-9))


def compact(value: float) -> str:
    """`1.5k` and `2M`: an axis has little room."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def _line(kind: str, values: Sequence[float | None], top: float, step: float) -> Line:
    pieces: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((_r(_LEFT + (place + 0.5) * step), _y(value, top)))
    drawn = tuple(" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1)
    return Line(kind, drawn, tuple(piece[0] for piece in pieces if len(piece) == 1))


def _rows(top: float, label: Callable[[float], str]) -> tuple[Tick, ...]:
    return tuple(Tick(_y(top * quarter / 4, top), label(top * quarter / 4)) for quarter in range(5))


def _columns(periods: Sequence[str]) -> tuple[Tick, ...]:
    every, step = max(1, -(-len(periods) // _LABELS)), _step(periods)
    places = range(len(periods) - 1, -1, -every)
    return tuple(Tick(_r(_LEFT + (place + 0.5) * step), _label(periods[place])) for place in reversed(places))


def _label(period: str) -> str:
    """`11-22` of a day, `10:00` of an hour."""
    return f"{period[11:]}:00" if "T" in period else period[5:]


def _step(periods: Sequence[str]) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(1, len(periods))


def _y(value: float, top: float) -> float:
    return _r(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * value / top)


def _r(value: float) -> float:
    return round(value, 1)
