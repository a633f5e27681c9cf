"""From measurements to the table: percentiles, medians over rounds, comparisons within a round. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

Question = tuple[str, int]
"""A workload's name and the number of clients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One system's answer to one question in one round. Times in ms; None where there is nothing to measure."""

    round: int
    question: Question
    system: str
    requests: int
    failed: int
    cpu_ms: float | None
    p50_ms: float | None
    p99_ms: float | None
    ttft_ms: float | None
    per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Medians over the rounds. `added_*` is the difference, and `cpu_ratio` the quotient, to a system of the same round."""

    question: Question
    system: str
    cpu_ms: float | None
    cpu_ratio: float | None
    p50_ms: float | None
    p99_ms: float | None
    added_ms: float | None
    ttft_ms: float | None
    added_ttft_ms: float | None
    per_s: float | None
    failed: int


def percentile(values: Sequence[float], percent: float) -> float | None:
    """By nearest rank: always a value that was measured. None of nothing."""
    if not values:
        return None
    return sorted(values)[max(math.ceil(percent / 100 * len(values)), 1) - 1]


def rows(measurements: Iterable[Measurement], *, direct: str, reference: str) -> list[Row]:
    """A row for each question and system, in the order of the first round; see `Row` for the comparisons."""
    by_cell = {(one.question, one.system, one.round): one for one in measurements}
    asked = dict.fromkeys((question, system) for question, system, _ in by_cell)
    return [_row(question, system, by_cell, direct, reference) for question, system in asked]


def _row(
    question: Question, system: str, by_cell: dict[tuple[Question, str, int], Measurement], direct: str, reference: str
) -> Row:
    own = [one for (asked, name, _), one in by_cell.items() if asked == question and name == system]

    def middle(of: Callable[[Measurement], float | None]) -> float | None:
        return _median(of(one) for one in own)

    def against(other: str, of: Callable[[Measurement], float | None], how: Callable[[float, float], float]) -> float | None:
        pairs = ((of(one), of(by_cell[question, other, one.round])) for one in own if (question, other, one.round) in by_cell)
        return _median(how(a, b) for a, b in pairs if a is not None and b)

    return Row(
        question=question,
        system=system,
        cpu_ms=middle(lambda one: one.cpu_ms),
        cpu_ratio=against(reference, lambda one: one.cpu_ms, lambda a, b: a / b),
        p50_ms=middle(lambda one: one.p50_ms),
        p99_ms=middle(lambda one: one.p99_ms),
        added_ms=against(direct, lambda one: one.p50_ms, lambda a, b: a - b),
        ttft_ms=middle(lambda one: one.ttft_ms),
        added_ttft_ms=against(direct, lambda one: one.ttft_ms, lambda a, b: a - b),
        per_s=middle(lambda one: one.per_s),
        failed=sum(one.failed for one in own),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


_HEAD = (
    *("workload", "clients", "system", "CPU-ms", "CPU ratio", "p50 ms", "p99 ms", "p50 over direct"),
    *("first token ms", "over direct", "requests/s", "failed"),
)
_TEXT_COLUMNS = (0, 2)


def markdown(table: Sequence[Row]) -> str:
    """The rows as a Markdown table that also reads well in a terminal."""
    lines = [_HEAD, *(_cells(row) for row in table)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(_HEAD))]
    rule = [("-" * width if at in _TEXT_COLUMNS else "-" * (width - 1) + ":") for at, width in enumerate(widths)]
    return "\n".join(_line(line, widths) for line in (lines[0], rule, *lines[1:]))


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        text.ljust(width) if at in _TEXT_COLUMNS else text.rjust(width)
        for at, (text, width) in enumerate(zip(line, widths, strict=True))
    )
    return f"| {' | '.join(padded)} |"


def _cells(row: Row) -> tuple[str, ...]:
    name, clients = row.question
    return (
        name,
        str(clients),
        row.system,
        _number(row.cpu_ms),
        _number(row.cpu_ratio),
        _number(row.p50_ms),
        _number(row.p99_ms),
        _number(row.added_ms),
        _number(row.ttft_ms),
        _number(row.added_ttft_ms),
        _number(row.per_s),
        str(row.failed) if row.failed else "",
    )


def _number(value: float | None) -> str:
    """Two decimals below ten, one below a hundred, none above: more would be noise."""
    if value is None:
        return ""
    places = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{places}f}"
