"""The report on cost as text for people, and as JSON and CSV for programs. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from gateway.explorer.costs.figures import Hosted, Used, Verdict
from gateway.explorer.costs.prices import Comparison
from gateway.explorer.costs.report import By, Report, Row
from gateway.printable import printable

_ABSENT = "-"
_COLUMNS = ("requests", "input_tokens", "output_tokens", "estimated_tokens", "busy_hours", "spend", "own", "public")
_NOTES = (
    "own: the deployments' price per hour times their hours in service, shared by tokens; hours without any belong to no row",
    "in service: from a deployment's first call on the record until the end of this time; it stands for one machine",
    "busy: durations of calls, added up; utilisation is that by hours and by `concurrent`, at full it supposes equal durations",
    "not in it: energy, people and spare machines, unless price_per_hour has them; discounts of public APIs; other tokenizers",
)


def text_of(report: Report, compared: Comparison, by: By) -> str:
    parts = [
        f"{_day(report.window.since)} to {_day(report.window.until)} (UTC)",
        "",
        _rows(report, by),
        "",
        _deployments(report),
    ]
    verdicts = [_verdict(one) for one in report.hosted if one.verdict is not Verdict.UNKNOWN]
    parts += ["", *verdicts] if verdicts else []
    parts += ["", *_NOTES, *_missing(report, compared)]
    return "\n".join(map(printable, "\n".join(parts).split("\n")))


def json_of(report: Report, compared: Comparison, by: By) -> str:
    told = {
        "since": report.window.since.isoformat(),
        "until": report.window.until.isoformat(),
        "by": by.value,
        "list_currency": compared.currency,
        "rate": compared.rate,
        "rows": [{by.value: row.word, **_figures(row)} for row in report.rows],
        "deployments": [_hosted(one) for one in report.hosted],
        "not_on_the_list": sorted(compared.unlisted),
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def csv_of(report: Report, _: Comparison, by: By) -> str:
    """RFC 4180. Names are those of the policy, which cannot begin a formula."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow([by.value, *_COLUMNS])
    lines.writerows([row.word, *("" if value is None else value for value in _figures(row).values())] for row in report.rows)
    return text.getvalue()


def _figures(row: Row) -> dict[str, Any]:
    return dict(zip(_COLUMNS, (*_used(row.used), row.own, row.public), strict=True))


def _used(used: Used) -> tuple[float, ...]:
    return (
        used.requests,
        used.input_tokens,
        used.output_tokens,
        used.estimated,
        round(used.busy_hours, 4),
        used.spend / 1_000_000,
    )


def _hosted(one: Hosted) -> dict[str, Any]:
    return {
        "deployment": one.deployment,
        "external": one.external,
        **dict(zip(_COLUMNS[:6], _used(one.used), strict=True)),
        "hours": one.hours,
        "price_per_hour": one.price_per_hour,
        "concurrent": one.concurrent,
        "cost": one.cost,
        "open_calls": one.open_calls,
        "utilisation": one.utilisation,
        "per_million": one.per_million,
        "per_million_at_full": one.per_million_full,
        "public_per_million": one.public_per_million,
        "break_even_utilisation": one.break_even,
        "load_to_break_even": one.load_to_break_even,
        "self_hosting_is": one.verdict.value,
    }


def _rows(report: Report, by: By) -> str:
    head = (by.value, "requests", "tokens in", "tokens out", "estimated", "busy h", "by policy", "own", "public")
    lines = [(row.word or _ABSENT, *_cells(row.used), _money(row.own), _money(row.public)) for row in report.rows]
    return _table(head, [*lines, ("all", *_cells(report.total), "", "")])


def _cells(used: Used) -> tuple[str, ...]:
    share = _share(used.estimated / used.tokens if used.tokens else None)
    counts = (f"{used.requests:,}", f"{used.input_tokens:,}", f"{used.output_tokens:,}")
    return (*counts, share, f"{used.busy_hours:,.2f}", _money(used.spend / 1_000_000))


def _deployments(report: Report) -> str:
    head = ("deployment", "hours", "per hour", "cost", "calls at once", "used", "per million", "at full", "public", "even at")
    return _table(head, [_line(one) for one in report.hosted])


def _line(one: Hosted) -> tuple[str, ...]:
    return (
        f"{one.deployment} (external)" if one.external else one.deployment,
        _ABSENT if one.hours is None else f"{one.hours:,.1f}",
        _money(one.price_per_hour),
        _money(one.cost),
        _ABSENT if one.open_calls is None else f"{one.open_calls:.2f} of {one.concurrent or '?'}",
        _share(one.utilisation),
        _money(one.per_million),
        _money(one.per_million_full),
        _money(one.public_per_million),
        _share(one.break_even),
    )


def _verdict(one: Hosted) -> str:
    own, public = _money(one.per_million), _money(one.public_per_million)
    said = f"{one.deployment}: {one.verdict.value} than the public API at this load, {own} to {public} a million tokens"
    if one.break_even is not None and one.break_even > 1:
        return f"{said}; it would be dearer at full utilisation too ({_money(one.per_million_full)})"
    if one.break_even is not None:
        return f"{said}; both cost the same at {_share(one.break_even)} utilisation, and it was {_share(one.utilisation)}"
    if one.load_to_break_even is not None:
        return f"{said}; both cost the same at {one.load_to_break_even:.2g} times this load"
    return said


def _missing(report: Report, compared: Comparison) -> Iterator[str]:
    """What keeps a figure from being there, and how to mend it."""
    for one in report.hosted:
        if one.hours is None:
            yield f"missing: {one.deployment} was never called, so its hours are not known"
        elif one.price_per_hour is None and not one.external:
            yield f"missing: deployments.{one.deployment}.price_per_hour in the policy"
        elif one.concurrent is None and not one.external:
            yield f"missing: deployments.{one.deployment}.concurrent in the policy, so its utilisation is not known"
        if one.used.tokens and one.public is None:
            yield f"missing: a compares_to of each model on {one.deployment}"
    for name in sorted(compared.unlisted):
        yield f"missing: {name} is not on the price list"
    if compared.prices and compared.rate == 1.0:
        yield f"public prices are in {compared.currency}, taken as the policy's currency; if it is another, give --rate"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """The first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    return "\n".join(_aligned(line, widths) for line in (head, *lines))


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if not at else cell.rjust(width) for at, (cell, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join((first, *rest)).rstrip()


def _money(amount: float | None) -> str:
    return _ABSENT if amount is None else f"{amount:,.4f}" if abs(amount) < 1 else f"{amount:,.2f}"


def _share(share: float | None) -> str:
    return _ABSENT if share is None else f"{share * 100:.0f} %"


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")
