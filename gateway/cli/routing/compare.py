"""`gateway routing compare`: how deployments did, out of the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer

from gateway.audit.reader import read_since
from gateway.cli.common.moment import moment
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, place_of, readable, settings_of, told
from gateway.printable import printable
from gateway.routing.comparison import Column, Side, compared

_HEADS: Mapping[str, str] = {
    "calls": "calls",
    "failed": "failed",
    "first_event_ms_p50": "first p50",
    "first_event_ms_p95": "p95",
    "whole_ms_p50": "whole p50",
    "whole_ms_p95": "p95",
    "output_tokens_mean": "tokens",
    "same_length": "length",
    "equal": "equal",
    "overlap": "overlap",
}


def compare(
    model: Annotated[str, typer.Option("--model", help="The model, by the name that clients ask for.")],
    since: Annotated[str, typer.Option("--since", help="From then on: 30m, 12h, 7d, or a date.")] = "7d",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each line of the table.")] = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Compare the deployments of a model: a canary with the others, and a shadow with the calls that it copied.

    Times are milliseconds; `length`, `equal` and `overlap` are shares of 1. Nothing of an answer is read or shown.
    """
    settings = settings_of(state_dir, database)
    with told(), readable(settings) as record:
        try:
            sides = compared((row.record for row in read_since(record, moment(since, datetime.now(UTC)))), model)
        except ValueError:
            fail(f"the record in {place_of(settings)} holds an entry that this version cannot read")
    if not sides:
        fail("no exchanges of this model are on the record since then")
    if as_json:
        for side, column in sides.items():
            typer.echo(orjson.dumps(_object(side, column)).decode())
    else:
        _table(sides)


def _object(side: Side, column: Column) -> Mapping[str, object]:
    return {**side._asdict(), **column.figures, "finish_reasons": dict(column.finish_reasons.most_common())}


def _table(sides: Mapping[Side, Column]) -> None:
    rows = [["deployment", *_HEADS.values(), "finish reasons"]]
    for side, column in sides.items():
        figures = ["-" if one is None else f"{one:g}" for one in column.figures.values()]
        reasons = ", ".join(f"{count} {reason}" for reason, count in column.finish_reasons.most_common()) or "-"
        rows.append([_named(side), *figures, reasons])
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:], strict=False)),
            row[-1],
        ]
        typer.echo(printable("  ".join(cells)))


def _named(side: Side) -> str:
    words = {"answered": side.deployment, "shadow": f"{side.deployment} (shadow)"}
    return words.get(side.role, f"{side.deployment} (its originals)")
