"""Reports and budgets of differential privacy as text for people, and as JSON for programs. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gateway.dp.budget import Budget
from gateway.dp.ledger import Kind, Release
from gateway.dp.question import Figure, Question
from gateway.dp.report import Reported, groups_of
from gateway.printable import printable


@dataclass(frozen=True, slots=True)
class Told:
    """A report with all that a reader needs to judge it. `spent` is the epsilon that all releases so far have cost together."""

    budget: Budget
    question: Question
    reported: Reported
    spent: float
    fewest: int

    def rows(self) -> Iterator[tuple[str, int | None]]:
        for group in groups_of(self.question):
            yield group, self.reported.answer.told(group, self.fewest)


def report_text(told: Told) -> str:
    answer, budget, question = told.reported.answer, told.budget, told.question
    interval = "" if answer.quantiles else f"± {answer.interval:,}"
    shown = [(group, f"{value:,}", interval) for group, value in told.rows() if value is not None]
    small = sum(value is None for _, value in told.rows())
    head = (question.by.value, _what(question), "" if answer.quantiles else "95 %")
    lines = [
        f"{budget.tenant} / {budget.data_set}: {budget.since} to {budget.until}",
        f"each {budget.unit} counts with at most {budget.contributions:,} rows",
        "",
        *_table([head, *shown]),
        *([f"{small} of {len(groups_of(question))} groups are too small to tell from noise, or from nobody"] if small else []),
        "",
        _noise(told),
        _cost(told),
        f"budget: epsilon {told.spent:.4g} of {budget.epsilon:g} is spent, at delta {budget.delta:g}",
    ]
    return "\n".join(map(printable, lines))


def report_json(told: Told) -> str:
    answer = told.reported.answer
    said: dict[str, Any] = {
        **_named(told.budget),
        "asked": {name: value for name, value in asdict(told.question).items() if name != "groups"},
        "rows": [{"group": group, "value": value} for group, value in told.rows()],
        "interval": None if answer.quantiles else answer.interval,
        "noise_scale": answer.scale,
        "quantile_scale": answer.quantile_scale,
        "release": told.reported.release,
        "rho": answer.rho,
        "epsilon": answer.epsilon,
        "repeated": told.reported.repeated,
        "spent": told.spent,
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def budgets_text(budgets: Sequence[tuple[Budget, float]]) -> str:
    head = ("tenant", "data set", "since", "until", "unit", "rows", "epsilon", "of it training", "spent", "delta")
    lines = [_budget_line(one, spent) for one, spent in budgets]
    return "\n".join(map(printable, _table([head, *lines])))


def _budget_line(one: Budget, spent: float) -> tuple[str, ...]:
    figures = (f"{one.contributions:,}", f"{one.epsilon:g}", f"{one.training_epsilon:g}", f"{spent:.4g}", f"{one.delta:g}")
    return (one.tenant, one.data_set, one.since, one.until, one.unit.value, *figures)


def budgets_json(budgets: Sequence[tuple[Budget, float]]) -> str:
    return json.dumps([{**_named(one), "spent": spent} for one, spent in budgets], indent=2, ensure_ascii=False)


def releases_text(releases: Sequence[Release]) -> str:
    head = ("reserved at", "release", "state", "cost", "by", "asked")
    lines = [(one.reserved_at, one.id, one.state, _spent(one), one.asked_by, one.asked) for one in releases]
    return "\n".join(map(printable, _table([head, *lines])))


def releases_json(releases: Sequence[Release]) -> str:
    told = [{**asdict(one), "asked": json.loads(one.asked)} for one in releases]
    return json.dumps(told, indent=2, ensure_ascii=False)


def _spent(one: Release) -> str:
    return f"rho {one.rho:.4g}" if one.kind == Kind.STATISTICS else f"epsilon {one.epsilon:.4g}, delta {one.delta:g}"


def _named(budget: Budget) -> dict[str, Any]:
    return {name: value for name, value in asdict(budget).items() if name != "salt"}


def _what(question: Question) -> str:
    if question.figure is Figure.COUNT:
        return "exchanges"
    if question.figure is Figure.SUM:
        return f"{question.measure}"
    return f"{question.measure}, quantile {question.quantile:g}"


def _noise(told: Told) -> str:
    answer = told.reported.answer
    if answer.quantile_scale is None:
        return f"noise: discrete Gaussian with standard deviation {answer.scale:,.1f}"
    return f"noise: exponential mechanism with scale {answer.quantile_scale:,.1f}; small groups by counts ± {answer.interval:,}"


def _cost(told: Told) -> str:
    if told.reported.repeated:
        return "cost: nothing; this was asked before, and the answer is the same"
    return f"cost: epsilon {told.reported.answer.epsilon:.4g} by itself (rho {told.reported.answer.rho:.4g})"


def _table(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
